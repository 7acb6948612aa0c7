// SPDX-License-Identifier: MIT
// PNM (netpbm's pgm(5) and ppm(5)): "P5" or "P6", then width, height and the largest sample in
// decimal, each after white space or comments, one white-space character, and the samples.
// BMP (Microsoft's BITMAPFILEHEADER and BITMAPINFOHEADER): two headers, a palette for up to 8 bits
// per pixel, and rows that are padded to 4 bytes.
#include "nn/files/datasets/raster_parts.h"

#include <algorithm>
#include <cstdint>

#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";

std::size_t byte(std::string_view bytes, std::size_t at) {
    return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0;
}

// Little end first.
std::size_t number(std::string_view bytes, std::size_t at, std::size_t width) {
    std::size_t value = 0;
    for (std::size_t i = width; i-- > 0;) value = value << 8 | byte(bytes, at + i);
    return value;
}

void require_bytes(std::string_view contents, std::size_t begin, std::size_t needed,
                   const std::string& name) {
    const std::size_t there = contents.size() - std::min(contents.size(), begin);
    if (needed > there)
        throw FileError(name, fmt::format("damaged image: its pixels take {} bytes, but {} follow "
                                          "the header",
                                          needed, there));
}

struct BmpHeader {
    std::size_t begin, header, width, height, bits;
};

BmpHeader bmp_header(std::string_view bmp) {
    const std::size_t header = number(bmp, 14, 4);
    if (header == 12)  // OS/2's
        return {number(bmp, 10, 4), header, number(bmp, 18, 2), number(bmp, 20, 2),
                number(bmp, 24, 2)};
    // The height is negative if the first row is at the top.
    const std::int64_t height = static_cast<std::int32_t>(number(bmp, 22, 4));
    return {number(bmp, 10, 4), header, number(bmp, 18, 4),
            static_cast<std::size_t>(height < 0 ? -height : height), number(bmp, 28, 2)};
}

// The largest of the numbers in a row of pixels, of 1, 4 or 8 bits each.
std::size_t largest_colour(std::string_view row, std::size_t width, std::size_t bits) {
    std::size_t largest = 0;
    for (std::size_t x = 0; x < width; ++x) {
        const std::size_t at = x * bits, shift = 8 - bits - at % 8;
        largest = std::max(largest, byte(row, at / 8) >> shift & ((std::size_t{1} << bits) - 1));
    }
    return largest;
}

}  // namespace

bool is_pnm(std::string_view contents) {
    return contents.starts_with("P5") || contents.starts_with("P6");
}

std::optional<PnmHeader> pnm_header(std::string_view pnm) {
    std::string_view rest = pnm.substr(2);
    const auto take = [&](std::string_view characters) {
        const std::string_view taken = rest.substr(0, rest.find_first_not_of(characters));
        rest.remove_prefix(taken.size());
        return taken;
    };
    PnmHeader header{.samples = pnm[1] == '6' ? 3 : 1};
    for (std::size_t* const number : {&header.width, &header.height, &header.most}) {
        while (!take(kSpace).empty() || rest.starts_with('#'))
            if (rest.starts_with('#'))
                rest.remove_prefix(std::min(rest.size(), rest.find_first_of("\r\n")));
        const std::string_view digits = take("0123456789");
        if (digits.size() > 9) return {};
        for (const char digit : digits)
            *number = 10 * *number + static_cast<std::size_t>(digit - '0');
    }
    if (header.most == 0 || rest.empty() || kSpace.find(rest[0]) == kSpace.npos) return {};
    header.end = pnm.size() - rest.size() + 1;
    return header;
}

void check_pnm(std::string_view pnm, const PnmHeader& header, const std::string& name) {
    // Of 16 bits, stb_image takes the wrong byte, and may read beyond its buffer.
    if (header.most > 255)
        throw FileError(name, "a PNM image of 16 bits: save it with 8, or as PNG");
    const std::size_t bytes =
        header.width * header.height * static_cast<std::size_t>(header.samples);
    require_bytes(pnm, header.end, bytes, name);
    for (const char c : pnm.substr(header.end, bytes))
        if (const std::size_t sample = static_cast<unsigned char>(c); sample > header.most)
            throw FileError(name, fmt::format("damaged image: a pixel of {}, but its header says "
                                              "that {} is white",
                                              sample, header.most));
}

void check_bmp(std::string_view bmp, const std::string& name) {
    const BmpHeader h = bmp_header(bmp);
    const std::size_t bits = h.width * h.bits, row = (bits + 31) / 32 * 4;
    // Some programs leave out the padding of the last row.
    require_bytes(bmp, h.begin, row * (h.height - 1) + (bits + 7) / 8, name);
    if (h.bits >= 16) return;
    if (h.header == 12)  // of its palette, stb_image misses the last four colours
        throw FileError(name, "a BMP image of OS/2 with a palette: save it as PNG");
    const std::size_t headers = 14 + h.header;
    const std::size_t colours = (h.begin - std::min(h.begin, headers)) / 4;
    if (h.bits != 1 && h.bits != 4 && h.bits != 8) return;  // stb_image refuses them
    for (std::size_t y = 0; y < h.height; ++y) {
        const std::size_t largest = largest_colour(bmp.substr(h.begin + y * row), h.width, h.bits);
        if (largest >= colours)
            throw FileError(name, fmt::format("damaged image: a pixel of colour {}, but its "
                                              "palette has {} colours",
                                              largest, colours));
    }
}

}  // namespace gradus
