// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/text.h"
#include "nn/plot/text_parts.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kWidePixels = 16;  // images up to this wide get 2 characters per pixel
constexpr int kLongestCaption = 20;      // columns

double part(double value) {
    return std::clamp(value, 0.0, 1.0);
}

std::string shade(double value, bool unicode) {
    if (!std::isfinite(value)) return "?";
    const std::vector<std::string> shades =
        unicode ? std::vector<std::string>{" ", "░", "▒", "▓", "█"}
                : std::vector<std::string>{" ", ".", ":", "-", "=", "+", "*", "#", "%", "@"};
    const auto last = static_cast<double>(shades.size() - 1);
    return shades[static_cast<std::size_t>(std::lround(part(value) * last))];
}

// One of the 24 greys among a terminal's 256 colours.
int grey(double value) {
    return std::isfinite(value) ? 232 + static_cast<int>(std::lround(part(value) * 23)) : 196;
}

bool half_blocks(const TextStyle& style) {
    return style.colour && style.unicode;
}

// Two characters per pixel, which make it about square.
bool doubled(const ImageSheet& sheet, const TextStyle& style) {
    return sheet.columns <= kWidePixels && !half_blocks(style);
}

// The lines of an image, all equally wide.
std::vector<std::string> lines_of(const Image& image, const ImageSheet& sheet,
                                  const TextStyle& style) {
    const bool halves = half_blocks(style), wide = doubled(sheet, style);
    const std::size_t step = wide ? 1 : 2;  // rows of pixels to a line
    std::vector<std::string> lines;
    for (std::size_t r = 0; r < sheet.rows; r += step) {
        std::string line;
        for (std::size_t c = 0; c < sheet.columns; ++c) {
            const double upper = image.values[r * sheet.columns + c];
            // If the number of rows is odd, black fills in below the last.
            const bool below = !wide && r + 1 < sheet.rows;
            const double lower = below ? image.values[(r + 1) * sheet.columns + c] : 0;
            if (halves)
                line += fmt::format("\x1b[38;5;{};48;5;{}m▀", grey(upper), grey(lower));
            else if (wide)
                line += shade(upper, style.unicode) + shade(upper, style.unicode);
            else
                line += shade((upper + lower) / 2, style.unicode);
        }
        lines.push_back(halves ? line + "\x1b[0m" : line);
    }
    return lines;
}

}  // namespace

std::string text(const ImageSheet& sheet, const TextStyle& style) {
    require_drawable(sheet);
    const int wide = static_cast<int>(sheet.columns) * (doubled(sheet, style) ? 2 : 1);
    require(wide <= style.columns, "image sheet: images of {} columns do not fit into {}", wide,
            style.columns);
    std::vector<std::string> labels;
    for (const auto& image : sheet.images) labels.push_back(image.label);
    const int slot = std::max(wide, std::min({widest(labels), kLongestCaption, style.columns}));
    const auto beside = static_cast<std::size_t>((style.columns + 2) / (slot + 2));

    std::string out;
    for (std::size_t begin = 0; begin < labels.size(); begin += beside) {
        const std::size_t end = std::min(labels.size(), begin + beside);
        std::vector<std::string> lines;
        std::string names;
        for (std::size_t i = begin; i < end; ++i) {
            const std::vector<std::string> image = lines_of(sheet.images[i], sheet, style);
            lines.resize(image.size());
            const std::string gap = i > begin ? "  " : "";
            for (std::size_t k = 0; k < image.size(); ++k)
                lines[k] += gap + image[k] + blanks(slot - wide);
            names += gap + padded(labels[i], slot);
        }
        for (const auto& line : lines) out += line + '\n';
        if (names.find_first_not_of(' ') != std::string::npos) out += names + '\n';
    }
    return out;
}

}  // namespace gradus
