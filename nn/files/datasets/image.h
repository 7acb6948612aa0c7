// SPDX-License-Identifier: MIT
// Image files: reads photographs and writes PNG. The formats are decoded and encoded by stb_image
// 2.27 and stb_image_write 1.16 (Sean Barrett and others; the package stb), compiled once, in
// image.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

constexpr std::size_t kMostImageBytes = std::size_t{64} << 20;  // of a file
// Of an image: 50 megapixels, more than the usual camera has, take 50 MB in grey.
constexpr std::size_t kMostImagePixels = 50'000'000;

struct Pixels {
    std::size_t width = 0, height = 0;
    std::size_t channels = 1;  // 1: grey; 3: red, green, blue
    // [(row * width + column) * channels + channel], the first row at the top; 0 is black, 255 is
    // white.
    std::vector<std::uint8_t> bytes;
};

// Reads a PNG, JPEG, BMP or 8-bit PNM (PGM, PPM) file as grey: 0.30 red + 0.59 green + 0.11 blue; what is
// transparent is shown on white. A JPEG is turned upright if the camera noted how it was held
// (Exif), as phones do. Both limits above are checked before any pixel is decoded.
// Throws FileError if the file cannot be read, is not such an image, is damaged or exceeds a limit.
Pixels read_grey_image(const std::string& path);
// The same for the bytes of a file; errors begin with `name`.
Pixels grey_image(std::string_view contents, const std::string& name);

// The bytes of a PNG file. Throws std::invalid_argument unless there is a byte per pixel and
// channel, and 1 or 3 channels.
std::string png(const Pixels& pixels);

}  // namespace gradus
