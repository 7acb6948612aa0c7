// SPDX-License-Identifier: MIT
#include "nn/plot/svg_parts.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "nn/plot/page.h"

namespace gradus {
namespace {

constexpr std::array kPens = {Pen{"#0072B2", ""},     Pen{"#D55E00", "7 3"},
                              Pen{"#009E73", "2 3"},  Pen{"#CC79A7", "9 3 2 3"},
                              Pen{"#E69F00", "12 4"}, Pen{"#56B4E9", "5 2 1 2 1 2"}};

// Drawn from the middle of the point: a circle, a cross, a triangle, a square, a plus, a diamond.
constexpr std::array kShapes = {"m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z",
                                "m-3 -3l6 6m0 -6l-6 6",
                                "m0 -4l4 7h-8z",
                                "m-3 -3h6v6h-6z",
                                "m-4 0h8m-4 -4v8",
                                "m0 -5l4 5l-4 5l-4 -5z"};

std::string shape(std::size_t number, double x, double y) {
    return fmt::format("M{:.1f} {:.1f}{}", x, y, kShapes[number % kShapes.size()]);
}

// Both schemes keep a contrast of at least 4.5 between text and background; a rim in the
// background's colour preserves it where text crosses lines.
constexpr std::string_view kPictureStyle =
    "@{font:13px sans-serif}@ .ground{fill:#fff}"
    "@ text{fill:#222;stroke:#fff;stroke-width:3px;paint-order:stroke}"
    "@ .grid{stroke:#8884;fill:none}@ .level{stroke:#666;stroke-dasharray:1 4;fill:none}"
    "@media screen and (prefers-color-scheme:dark){@ .ground{fill:#16181b}"
    "@ text{fill:#eee;stroke:#16181b}@ .level{stroke:#bbb}}";

// The rules apply to the picture's own class only, so that a page can hold many pictures.
std::string scoped(std::string_view style, std::string_view name) {
    std::string out;
    for (std::size_t i = 0; i < style.size(); ++i) {
        if (style[i] == '@' && style.substr(i, 6) != "@media")
            out += fmt::format(".{}", name);
        else
            out += style[i];
    }
    return out;
}

}  // namespace

const Pen& pen(std::size_t number) {
    return kPens[number % kPens.size()];
}

std::size_t label_step(double room, double cell) {
    return static_cast<std::size_t>(std::ceil(room / cell));
}

double text_width(std::string_view text, double font) {
    // Widths of DejaVu Sans, the widest of the usual fonts: too much room for a name does no harm,
    // too little cuts off its end at the edge of the picture.
    constexpr std::string_view kNarrow = "ijlftr.,:;'|!()[] ", kWide = "mwMW@%";
    double ems = 0;
    for (const char c : text) {
        if ((c & 0x80) != 0) continue;  // a part of a character that is not ASCII: counted below
        ems += kNarrow.find(c) != std::string_view::npos ? 0.38
               : kWide.find(c) != std::string_view::npos ? 0.95
               : c >= 'A' && c <= 'Z'                    ? 0.7
                                                         : 0.62;
    }
    // Others may come from a font of ideographs or symbols: the sign for a space is nearly one em.
    const auto others =
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) == 0xC0; });
    return font * (ems + static_cast<double>(others));
}

double widest(const std::vector<std::string>& labels, double font) {
    double width = 0;
    for (const auto& label : labels) width = std::max(width, text_width(label, font));
    return width;
}

namespace {

// For readers who cannot see the picture: what it shows, and what it would show in another case.
std::string description(const Caption& caption) {
    std::string words;
    if (!caption.look_for.empty()) words = "Look for: " + caption.look_for;
    if (!caption.wrong.empty())
        words += (words.empty() ? "" : " ") + ("When something is wrong: " + caption.wrong);
    return words;
}

}  // namespace

std::string svg_begin(std::string_view name, double width, double height, const Caption& caption,
                      std::string_view style, double smallest) {
    return fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{0}\" viewBox=\"0 0 {1:.0f} {2:.0f}\" "
        "role=\"img\" "
        "style=\"min-width:{7:.0f}px\">\n<title>{3}</title>\n<desc>{4}</desc>\n<style>{5}{6}</"
        "style>\n"
        "<rect class=\"ground\" width=\"{1:.0f}\" height=\"{2:.0f}\"/>\n",
        name, width, height, html_escape(caption.title), html_escape(description(caption)),
        scoped(kPictureStyle, name), scoped(style, name), std::ceil(width * kLegible / smallest));
}

std::string svg_text(double x, double y, std::string_view anchor, std::string_view text) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\">{}</text>\n", x, y,
                       anchor, html_escape(text));
}

std::string svg_cells(const std::vector<int>& tones, std::size_t columns,
                      const std::vector<Colour>& colours, const Box& box) {
    std::vector<std::string> paths(colours.size());
    for (std::size_t begin = 0, end = 0; begin < tones.size(); begin = end) {
        const std::size_t row = begin / columns;
        while (end < (row + 1) * columns && tones[end] == tones[begin]) ++end;
        if (tones[begin] >= 0)
            paths[static_cast<std::size_t>(tones[begin])] +=
                fmt::format("M{} {}h{}", begin % columns, row, end - begin);
    }
    // A cell is 1 wide and 1 high in the group's own units, and a stroke runs along its middle:
    // half a dozen bytes for each run of equal cells. Crisp edges leave no seams between rows.
    const auto n = static_cast<double>(columns), rows = static_cast<double>(tones.size()) / n;
    const double high = (box.bottom - box.top) / rows;
    std::string out = fmt::format(
        "<g fill=\"none\" shape-rendering=\"crispEdges\" transform=\"translate({:.5g} {:.5g}) "
        "scale({:.5g} {:.5g})\">\n",
        box.left, box.top + high / 2, (box.right - box.left) / n, high);
    for (std::size_t i = 0; i < paths.size(); ++i)
        if (!paths[i].empty())
            out += fmt::format("<path stroke=\"{}\" d=\"{}\"/>\n", hex(colours[i]), paths[i]);
    return out + "</g>\n";
}

std::string svg_axes(const Paper& paper, const Axis& x, const Axis& y) {
    const Box& box = paper.box;
    std::string out;
    for (const double tick : paper.scales.x.ticks())
        out +=
            fmt::format("<path class=\"grid\" d=\"M{:.1f} {}V{}\"/>", paper.across(tick), box.top,
                        box.bottom) +
            svg_text(paper.across(tick), box.bottom + kLine, "middle", fmt::format("{:.6g}", tick));
    const std::vector<double> ticks = paper.scales.y.ticks();
    const std::vector<std::string> numbers = short_numbers(ticks);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const double down = paper.down(ticks[i]);
        out +=
            fmt::format("<path class=\"grid\" d=\"M{} {:.1f}H{}\"/>", box.left, down, box.right) +
            svg_text(box.left - 6, down + 4, "end", numbers[i]);
    }
    out += svg_text((box.left + box.right) / 2, box.bottom + 36, "middle", x.name);
    return out + svg_text(4, 16, "start", y.name);
}

std::string svg_legend(const std::vector<std::string>& names, double room,
                       const std::function<std::string(std::size_t, double)>& mark) {
    std::string out;
    double right = kPaperWidth - 16;
    for (std::size_t i = names.size(); i-- > 0;) {
        const double x = right - text_width(names[i]);
        out += mark(i, x - room - 4) + svg_text(x, 16, "start", names[i]);
        right = x - room - 20;
    }
    return out;
}

std::string svg_mark(std::size_t number, double x, double y) {
    const char* colour = pen(number).colour;
    return fmt::format("<path class=\"points\" stroke=\"{0}\" fill=\"{0}\" d=\"{1}\"/>", colour,
                       shape(number, x, y));
}

std::string svg_points(const PointGroup& group, std::size_t number, const Paper& paper) {
    std::string shapes, labels;
    for (std::size_t i = 0; i < group.x.size(); ++i) {
        if (!paper.scales.inside(group, i)) continue;
        const double x = paper.across(group.x[i]), y = paper.down(group.y[i]);
        shapes += shape(number, x, y);
        if (!group.labels.empty()) labels += svg_text(x + 7, y + 4, "start", group.labels[i]);
    }
    if (shapes.empty()) return "";
    const char* colour = pen(number).colour;
    return fmt::format(
               "<path class=\"rim\" d=\"{1}\"/>\n"
               "<path class=\"points\" stroke=\"{0}\" fill=\"{0}\" d=\"{1}\"/>\n",
               colour, shapes) +
           labels;
}

}  // namespace gradus
