// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "nn/plot/drawable.h"
#include "nn/plot/text.h"
#include "nn/plot/text_parts.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr int kNarrowestBars = 12;  // columns of bars; the numbers must leave this many

// Each column is the mean of `together` bins (the last perhaps of fewer), drawn `wide` times.
std::string bars(const Histogram& row, int together, int wide, bool unicode) {
    const std::vector<std::string> heights =
        unicode ? std::vector<std::string>{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}
                : std::vector<std::string>{" ", ".", ":", "-", "=", "+", "*", "#", "@"};
    std::vector<double> means;
    const auto step = static_cast<std::size_t>(together);
    for (std::size_t begin = 0; begin < row.counts.size(); begin += step) {
        const std::size_t end = std::min(row.counts.size(), begin + step);
        double sum = 0;
        for (std::size_t i = begin; i < end; ++i) sum += row.counts[i];
        means.push_back(sum / static_cast<double>(end - begin));
    }
    const double fullest = *std::max_element(means.begin(), means.end());
    std::string out;
    for (const double mean : means) {
        // A bin with anything in it is visible: only empty ones are blank.
        const long height = mean > 0 ? std::max(1L, std::lround(8 * mean / fullest)) : 0;
        for (int i = 0; i < wide; ++i) out += heights[static_cast<std::size_t>(height)];
    }
    return out;
}

std::string side_text(const Histogram& row, bool unicode) {
    std::string out;
    if (row.mean) out += ' ' + short_number(*row.mean);
    if (row.stddev) out += (unicode ? " ± " : " +- ") + short_number(*row.stddev);
    if (row.outside > 0)
        out += fmt::format("{} {:.6g} outside", out.empty() ? "" : ",", row.outside);
    return out;
}

}  // namespace

std::string text(const Histograms& histograms, const TextStyle& style) {
    require_drawable(histograms);
    require(style.columns >= 20, "histograms: {} columns, must be 20 or more", style.columns);
    const auto& rows = histograms.rows;
    std::vector<std::string> names, details;
    bool means = false;
    for (const auto& row : rows) {
        names.push_back(row.name);
        details.push_back(side_text(row, style.unicode));
        means = means || row.mean;
    }
    const std::string legend = !means ? "" : style.unicode ? " mean ± sd" : " mean +- sd";
    const int left = std::min(widest(names), style.columns * 2 / 5);
    int right = std::max(widest(details), display_width(legend));
    if (style.columns - left - 3 - right < kNarrowestBars) right = 0;
    const int room = style.columns - left - 3 - right;
    const auto bins = static_cast<int>(rows[0].counts.size());
    const int together = (bins + room - 1) / room, wide = std::max(1, room / bins);
    const int columns = (bins + together - 1) / together * wide;

    const std::string side = style.unicode ? "│" : "|";
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i)
        out += padded(names[i], left) + ' ' + side + bars(rows[i], together, wide, style.unicode) +
               side + (right > 0 ? details[i] : "") + '\n';
    const Scale scale{histograms.low, histograms.high};
    out += axis_line(scale, {histograms.value_axis}, left + 2, columns);
    return out + (right > 0 ? ' ' + legend : "") + '\n';
}

}  // namespace gradus
