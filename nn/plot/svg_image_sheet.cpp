// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr double kSheetMargin = 8, kImageGap = 12;
constexpr double kImage = 84;           // the longer side of an image
constexpr int kLongestImageLabel = 16;  // characters

}  // namespace

std::string svg(const ImageSheet& sheet) {
    require_drawable(sheet);
    const auto rows = static_cast<double>(sheet.rows), columns = static_cast<double>(sheet.columns);
    const double pixel = kImage / std::max(rows, columns);
    const double wide = pixel * columns, high = pixel * rows;
    double slot = wide;  // room for an image or for its label
    for (const auto& image : sheet.images)
        slot = std::max(slot, text_width(fit_width(image.label, kLongestImageLabel)));
    const double line = high + kLine + kImageGap + 4;
    const auto fit =
        static_cast<std::size_t>((kPaperWidth - 2 * kSheetMargin + kImageGap) / (slot + kImageGap));
    const std::size_t beside = std::clamp<std::size_t>(fit, 1, sheet.images.size());
    const std::size_t lines = (sheet.images.size() + beside - 1) / beside;
    const double left =
        (kPaperWidth + kImageGap - (slot + kImageGap) * static_cast<double>(beside)) / 2;

    std::string out = svg_begin("image-sheet", kPaperWidth,
                                2 * kSheetMargin + line * static_cast<double>(lines) - kImageGap,
                                sheet.caption, "@ .frame{fill:none;stroke:#888}");
    for (std::size_t i = 0; i < sheet.images.size(); ++i) {
        const Image& image = sheet.images[i];
        std::vector<int> tones;
        for (const double value : image.values) tones.push_back(tone(value));
        const double middle =
            left + slot / 2 + (slot + kImageGap) * static_cast<double>(i % beside);
        const double top = kSheetMargin + line * static_cast<double>(i / beside);
        const Box box = {middle - wide / 2, top, middle + wide / 2, top + high};
        out += svg_cells(tones, sheet.columns, grey_ramp(), box);
        // A black image on a dark background needs visible edges.
        out += fmt::format(
            "<rect class=\"frame\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"/>",
            box.left, box.top, wide, high);
        out += svg_text(middle, box.bottom + kLine, "middle",
                        fit_width(image.label, kLongestImageLabel));
    }
    return out + "</svg>\n";
}

}  // namespace gradus
