// SPDX-License-Identifier: MIT
// stb_image trusts the sizes in a file up to 2 GB per buffer, and a PNG of a few megabytes can
// unpack to a thousand times its size; so memory is limited here, besides the limits on the file
// and on the number of pixels.
#include "nn/files/datasets/image.h"

#include <cstdlib>
#include <limits>
#include <optional>

#include "nn/files/datasets/jpeg_parts.h"
#include "nn/files/datasets/raster_parts.h"
#include "nn/files/mapped_file.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// The largest buffer that an image within the limits needs: 4 channels of 2 bytes, and a byte per
// row for the filter of PNG.
constexpr std::size_t kMostBuffer = 9 * kMostImagePixels;

// Zeros: what stb_image does not write is the same each time, and nobody's secret.
void* image_buffer(std::size_t bytes) {
    return bytes <= kMostBuffer ? std::calloc(bytes, 1) : nullptr;
}
void* larger_image_buffer(void* buffer, std::size_t bytes) {
    return bytes <= kMostBuffer ? std::realloc(buffer, bytes) : nullptr;
}

}  // namespace
}  // namespace gradus

// Static: a program that has its own copy of stb links with this library all the same. Four formats
// of ten, since each decoder is code that reads untrusted bytes.
#define STB_IMAGE_STATIC
#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#define STBI_ONLY_BMP
#define STBI_ONLY_PNM
#define STBI_NO_STDIO
#define STBI_MALLOC(bytes) gradus::image_buffer(bytes)
#define STBI_REALLOC(buffer, bytes) gradus::larger_image_buffer(buffer, bytes)
#define STBI_FREE(buffer) std::free(buffer)
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
// stb_image 2.27 copies the no bytes of an empty IDAT chunk to a null pointer: undefined until C2y
// (WG14 N3322), harmless, and reported by the sanitizer (found by tests/fuzz).
#ifdef __clang__
#pragma clang attribute push(__attribute__((no_sanitize("nonnull-attribute"))), apply_to = function)
#endif
#include <stb/stb_image.h>
#ifdef __clang__
#pragma clang attribute pop
#endif
#include <stb/stb_image_write.h>

namespace gradus {
namespace {

struct Decoded {  // released at the end of its scope, also when an exception is thrown
    stbi_uc* bytes;
    explicit Decoded(stbi_uc* decoded) : bytes(decoded) {}
    ~Decoded() { stbi_image_free(bytes); }
    Decoded(const Decoded&) = delete;
    Decoded& operator=(const Decoded&) = delete;
};

// The decoder's reason, which may quote bytes of the file.
std::string reason() {
    std::string text = stbi_failure_reason();
    for (char& c : text)
        if (c < 32 || c > 126) c = '?';
    return text;
}

// A BMP whose first row is at the top has a negative height.
void check_size(std::int64_t width, std::int64_t height, const std::string& name) {
    const std::int64_t rows = std::abs(height);
    if (width < 1 || rows < 1)
        throw FileError(name, fmt::format("damaged image: {} x {} pixels", width, rows));
    if (width * rows > static_cast<std::int64_t>(kMostImagePixels))
        throw FileError(name, fmt::format("image of {} x {} pixels, must be at most {} in all",
                                          width, rows, kMostImagePixels));
}

Pixels greyed(const stbi_uc* p, int width, int height, int channels) {
    Pixels grey{static_cast<std::size_t>(width), static_cast<std::size_t>(height), 1, {}};
    grey.bytes.resize(grey.width * grey.height);
    const bool coloured = channels >= 3, transparent = channels == 2 || channels == 4;
    for (std::uint8_t& pixel : grey.bytes) {
        int value = coloured ? (77 * p[0] + 150 * p[1] + 29 * p[2]) / 256 : p[0];
        if (transparent) {
            const int alpha = p[channels - 1];
            value = (value * alpha + 255 * (255 - alpha) + 127) / 255;
        }
        pixel = static_cast<std::uint8_t>(value);
        p += channels;
    }
    return grey;
}

}  // namespace

Pixels grey_image(std::string_view contents, const std::string& name) {
    if (contents.empty()) throw FileError(name, "not an image: the file is empty");
    if (contents.size() > kMostImageBytes)
        throw FileError(name, fmt::format("too large for an image: {} bytes, must be at most {}",
                                          contents.size(), kMostImageBytes));
    const bool jpeg = contents.starts_with("\xff\xd8");
    if (jpeg && !huffman_tables_fit(contents))
        throw FileError(name, "damaged image: a Huffman table of more than 256 codes");
    const auto* data = reinterpret_cast<const stbi_uc*>(contents.data());
    const int size = static_cast<int>(contents.size());
    int width = 0, height = 0, channels = 0;
    const bool pnm = is_pnm(contents);
    const std::optional<PnmHeader> header = pnm ? pnm_header(contents) : std::nullopt;
    // stb_image skips fill bytes before the first marker of a JPEG, where our checks do not look.
    if (contents.starts_with("\xff\xff") || (pnm && !header) ||
        !stbi_info_from_memory(data, size, &width, &height, &channels))
        throw FileError(name, "not a PNG, JPEG, BMP or PNM image, or damaged, or far too large");
    check_size(width, height, name);
    if (header) check_pnm(contents, *header, name);
    if (contents.starts_with("BM")) check_bmp(contents, name);

    const Decoded decoded(stbi_load_from_memory(data, size, &width, &height, &channels, 0));
    if (!decoded.bytes) throw FileError(name, "damaged image: " + reason());
    check_size(width, height, name);  // of the pixels that there are
    Pixels grey = greyed(decoded.bytes, width, height, channels);
    if (const std::size_t most = header ? header->most : 255; most != 255)
        for (std::uint8_t& pixel : grey.bytes)
            pixel = static_cast<std::uint8_t>((255 * pixel + most / 2) / most);
    return oriented(grey, jpeg ? exif_orientation(contents) : 1);
}

Pixels read_grey_image(const std::string& path) {
    const MappedFile file(path);
    Pixels pixels = grey_image(file.bytes(0, file.size()), path);
    file.bytes(0, file.size());  // throws if they have gone meanwhile
    return pixels;
}

std::string png(const Pixels& pixels) {
    constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
    require(pixels.width > 0 && pixels.height > 0 && pixels.width <= kMostImagePixels &&
                pixels.height <= kMostImagePixels / pixels.width,
            "png: {} x {} pixels, must be from 1 to {} in all", pixels.width, pixels.height,
            kMostImagePixels);
    static_assert(3 * kMostImagePixels < most);
    require(pixels.channels == 1 || pixels.channels == 3, "png: {} channels, must be 1 or 3",
            pixels.channels);
    require(pixels.bytes.size() == pixels.width * pixels.height * pixels.channels,
            "png: {} bytes for {} x {} pixels of {} channels", pixels.bytes.size(), pixels.width,
            pixels.height, pixels.channels);
    std::string out;
    const auto append = [](void* text, void* bytes, int count) {
        static_cast<std::string*>(text)->append(static_cast<const char*>(bytes),
                                                static_cast<std::size_t>(count));
    };
    const int row = static_cast<int>(pixels.width * pixels.channels);
    if (!stbi_write_png_to_func(append, &out, static_cast<int>(pixels.width),
                                static_cast<int>(pixels.height), static_cast<int>(pixels.channels),
                                pixels.bytes.data(), row))
        throw std::bad_alloc();
    return out;
}

}  // namespace gradus
