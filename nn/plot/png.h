// SPDX-License-Identifier: MIT
// Pictures as PNG, for documents and chats that do not take SVG: each is drawn as SVG (see
// nn/plot/svg.h) and then put into pixels, so there is nothing that only one of them can show. The
// colours are those for a light background; words are limited to ASCII.
#pragma once

#include <string>
#include <string_view>

#include "nn/files/datasets/image.h"
#include "nn/plot/svg.h"

namespace gradus {

// The pixels of one of this library's own SVG pictures, `scale` pixels per unit: at 2, most are
// 1280 pixels wide. Not for SVG in general: throws std::invalid_argument for an element, a style or
// a path that our pictures do not use, and if there would be more than kMostImagePixels.
Pixels rasterise(std::string_view svg, double scale = 2);

// The bytes of a PNG file: png(sheet), png(chart), ...
template <class Picture>
requires requires(const Picture& picture) {
    svg(picture);
}
std::string png(const Picture& picture) {
    return png(rasterise(svg(picture)));
}

// Whether a path asks for PNG: it ends in ".png".
bool is_png_path(std::string_view path);

// Writes PNG if the path ends in ".png", and SVG otherwise. Replaces the whole file in one step;
// throws FileError on failure.
void write_svg_as(const std::string& path, const std::string& svg);
template <class Picture>
void write_picture(const std::string& path, const Picture& picture) {
    write_svg_as(path, svg(picture));
}

}  // namespace gradus
