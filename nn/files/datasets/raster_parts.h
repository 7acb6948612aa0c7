// SPDX-License-Identifier: MIT
// What image.cpp needs to know about PNM and BMP files before stb_image 2.27 decodes them: it does not
// notice where these end too early, and hands out memory that nobody has written.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace gradus {

struct PnmHeader {
    int samples = 1;  // per pixel
    std::size_t width = 0, height = 0;
    std::size_t most = 0;  // the sample that means white
    std::size_t end = 0;   // where the pixels begin
};

bool is_pnm(std::string_view contents);  // P5 or P6

// Empty if the header is damaged, or a number has more than nine digits: stb_image adds them up in
// an int.
std::optional<PnmHeader> pnm_header(std::string_view pnm);

// Throws FileError unless all of the pixels are there, in 8 bits, and none is brighter than white.
void check_pnm(std::string_view pnm, const PnmHeader& header, const std::string& name);

// Throws FileError unless all of the pixels are there, and their colours are in the palette. The
// header must be one that stb_image accepts, with at least one pixel and at most kMostImagePixels.
void check_bmp(std::string_view bmp, const std::string& name);

}  // namespace gradus
