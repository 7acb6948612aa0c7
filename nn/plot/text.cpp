// SPDX-License-Identifier: MIT
#include "nn/plot/text.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/plot/canvas.h"
#include "nn/plot/drawable.h"
#include "nn/plot/text_parts.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr int kNarrowest = 16;  // cells of curves; the level names must leave this many

// Of the numbers that fall into one column of dots, only the extremes can be seen: a vertical
// stroke joins them, so spikes survive however long the line is. Within a column, numbers are only
// compared, not placed: placing takes two logarithms on a logarithmic axis.
void draw(Canvas& canvas, const Line& line, const Scales& scales, int pen) {
    const auto place = [](double part, int dots) {
        return static_cast<int>(std::lround(part * (dots - 1)));
    };
    const auto height = [&](double y) {
        return canvas.height() - 1 - place(scales.y.place(y), canvas.height());
    };
    const auto side = [&](double column) { return scales.x.at(column / (canvas.width() - 1)); };
    bool joined = false;
    int column = 0;
    double left = 0, right = 0;          // the sides of the column
    double low = 0, high = 0, last = 0;  // of the numbers in it
    const auto finish = [&] {
        if (joined) canvas.line(column, height(high), column, height(low), pen);
    };
    for (std::size_t i = 0; i < line.x.size(); ++i) {
        const double x = line.x[i], y = line.y[i];
        if (!scales.drawn(line, i)) {
            finish();
            joined = false;
            continue;
        }
        if (joined && left <= x && x < right) {
            low = std::min(low, y), high = std::max(high, y);
        } else {
            finish();
            const int at = place(scales.x.place(x), canvas.width());
            if (joined) canvas.line(column, height(last), at, height(y), pen);
            column = at, left = side(at - 0.5), right = side(at + 0.5);
            low = high = y;
        }
        joined = true;
        last = y;
    }
    finish();
}

// "solid train, dotted validation"; nothing for a single line.
std::string key_of(const LineChart& chart, bool unicode) {
    constexpr std::array kUnicode = {"solid", "dotted", "dashed"};
    constexpr std::array kAscii = {"*", "o", "+", "x"};  // as Canvas draws them
    std::string key;
    for (std::size_t i = 0; i < chart.lines.size() && chart.lines.size() > 1; ++i)
        key += fmt::format("{}{} {}", i ? ", " : "",
                           unicode ? kUnicode[i % kUnicode.size()] : kAscii[i % kAscii.size()],
                           chart.lines[i].name);
    return key;
}

}  // namespace

TextStyle terminal_style(int rows) {
    const TerminalCapabilities can = terminal_capabilities(false, false);
    return {std::max(20, terminal_columns() - 1), rows, can.unicode, can.colour};
}

std::string text(const LineChart& chart, const TextStyle& style) {
    require(style.columns >= 20 && style.rows >= 2, "line chart: {} x {}, must be 20 x 2 or more",
            style.columns, style.rows);
    const Scales scales(chart);
    const Scale &x = scales.x, &y = scales.y;

    const std::vector<std::string> numbers = row_numbers(y, style.rows);
    std::vector<std::string> names(static_cast<std::size_t>(style.rows));
    std::vector<bool> level_rows(static_cast<std::size_t>(style.rows));
    for (const auto& level : chart.levels) {
        if (!y.drawn(level.value)) continue;
        const int row = std::clamp(static_cast<int>((1 - y.place(level.value)) * style.rows), 0,
                                   style.rows - 1);
        auto& name = names[static_cast<std::size_t>(row)];
        name += (name.empty() ? " " : ", ") + level.name;
        level_rows[static_cast<std::size_t>(row)] = true;
    }
    const int left = widest(numbers);
    int right = widest(names);
    if (style.columns - left - 2 - right < kNarrowest) right = 0;
    const int columns = style.columns - left - 2 - right;
    Canvas canvas(columns, style.rows, style.unicode);
    // The first line is drawn last, over the others.
    for (std::size_t i = chart.lines.size(); i-- > 0;)
        draw(canvas, chart.lines[i], scales, static_cast<int>(i));

    std::string out;
    for (int row = 0; row < style.rows; ++row) {
        const auto r = static_cast<std::size_t>(row);
        out += right_aligned(numbers[r], left) + (style.unicode ? " │" : " |");
        std::vector<Cell> cells;
        for (int column = 0; column < columns; ++column) {
            const int pen = canvas.pen(column, row);
            const bool level = pen < 0 && level_rows[r] && column % 2 == 1;
            cells.push_back({!level ? canvas.cell(column, row) : style.unicode ? "·" : ".", pen});
        }
        out += joined(cells, style.colour);
        if (right > 0) out += names[r];
        out += '\n';
    }
    // The key follows the axis name if both fit between the end numbers; otherwise it goes below.
    const std::string key = key_of(chart, style.unicode), &name = chart.x.name;
    if (key.empty()) return out + axis_line(x, {name}, left + 2, columns) + '\n';
    const std::string both = fmt::format("{} ({})", name, key);
    const std::string axis = axis_line(x, {both, name}, left + 2, columns) + '\n';
    if (axis.find(both) != std::string::npos) return out + axis;
    return out + axis + "  " + wrapped(key, 2, style.columns - 2) + '\n';
}

std::string text(const HeatMap& map, const TextStyle& style) {
    require_drawable(map);
    const std::size_t rows = map.row_labels.size(), columns = map.column_labels.size();
    const int left = widest(map.row_labels) + 1;
    require(left + 2 * static_cast<int>(columns) <= style.columns,
            "heat map: {} columns do not fit into {}", columns, style.columns);
    const std::vector<std::string> shades =
        style.unicode
            ? std::vector<std::string>{"  ", "░░", "▒▒", "▓▓", "██"}
            : std::vector<std::string>{"  ", "..", "::", "--", "==", "++", "**", "##", "%%", "@@"};

    const std::string indent(static_cast<std::size_t>(left), ' ');
    std::string out;
    out +=
        std::string(fit_width(fmt::format("{}{} {}, {} {}", indent, style.unicode ? "→" : ">",
                                          map.column_axis, style.unicode ? "↓" : "v", map.row_axis),
                              style.columns)) +
        "\n" + indent;
    for (const auto& label : map.column_labels) out += padded(label, 2);
    out += '\n';
    for (std::size_t r = 0; r < rows; ++r) {
        out += padded(map.row_labels[r], left);
        for (std::size_t c = 0; c < columns; ++c) {
            const double value = map.values[r * columns + c];
            const double size = map.around_zero ? std::abs(value) / map.high
                                                : (value - map.low) / (map.high - map.low);
            const double part = std::isfinite(size) ? std::clamp(size, 0.0, 1.0) : 0;
            const auto last = static_cast<double>(shades.size() - 1);
            const std::string& shade = shades[static_cast<std::size_t>(std::lround(part * last))];
            const bool negative = map.around_zero && value < 0;
            if (style.colour && std::isfinite(value))
                out += fmt::format("\x1b[{}m{}\x1b[0m", negative ? 34 : 33, shade);
            else
                out += std::isfinite(value) ? shade : "??";
        }
        out += '\n';
    }
    const std::string legend =
        map.around_zero ? fmt::format("{}blank = 0, {} = {} in size", indent, shades.back(),
                                      short_number(map.high))
                        : fmt::format("{}blank = {}, {} = {}", indent, short_number(map.low),
                                      shades.back(), short_number(map.high));
    return out + std::string(fit_width(legend, style.columns)) + '\n';
}

std::string text(const HeatMaps& maps, const TextStyle& style) {
    require_drawable(maps);
    std::string out;
    for (std::size_t i = 0; i < maps.maps.size(); ++i) {
        out += fmt::format("{}{}\n\n{}", i == 0 ? "" : "\n", maps.maps[i].name,
                           text(one_of(maps, i), style));
    }
    return out;
}

std::string text(const BarChart& chart, const TextStyle& style) {
    require_drawable(chart);
    require(style.columns >= 20, "bar chart: {} columns, must be 20 or more", style.columns);
    double longest = 0;
    std::vector<std::string> numbers;
    for (const double value : chart.values) {
        longest = std::max(longest, value);
        numbers.push_back(short_number(value));
    }
    const int left = std::min(widest(chart.labels), style.columns / 3), right = widest(numbers);
    const int room = std::max(1, style.columns - left - right - 2);
    std::string out;
    for (std::size_t i = 0; i < chart.labels.size(); ++i) {
        const double part = longest > 0 ? chart.values[i] / longest : 0;
        const auto eighths = static_cast<int>(std::lround(part * room * 8));
        std::string bar;
        int cells = 0;
        for (; cells < eighths / 8; ++cells) bar += style.unicode ? "█" : "#";
        if (style.unicode && eighths % 8 > 0) {
            bar += std::array{
                "", "▏", "▎", "▍", "▌", "▋", "▊", "▉"}[static_cast<std::size_t>(eighths % 8)];
            ++cells;
        }
        out += padded(chart.labels[i], left) + ' ' + bar +
               std::string(static_cast<std::size_t>(room - cells + 1), ' ') +
               right_aligned(numbers[i], right) + '\n';
    }
    return out;
}

}  // namespace gradus
