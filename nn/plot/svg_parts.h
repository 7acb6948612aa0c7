// SPDX-License-Identifier: MIT
// Helpers shared by the SVG pictures; for svg*.cpp only. Lengths are in units of the paper,
// which is scaled to fit.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "nn/plot/colour.h"
#include "nn/plot/picture.h"
#include "nn/plot/scale.h"

namespace gradus {

constexpr double kPaperWidth = 640;
constexpr double kFont = 13;           // font size
constexpr double kLine = 16;           // height of a line of text
constexpr double kDescent = 0.3;       // of the font: the sign for a space hangs down so far
constexpr double kAcrossPitch = 0.85;  // of the font: so close may labels of a letter or two stand
constexpr double kLegible = 10;        // CSS pixels: the least height of a font on any screen

// Colours of Okabe and Ito 2008, safe for the colour-blind, each with a dash pattern, so that
// nothing depends on colour alone.
struct Pen {
    const char *colour, *dash;
};
const Pen& pen(std::size_t number);

// Every how many cells a label fits, if labels need `room` each.
std::size_t label_step(double room, double cell);

// An estimate, since the browser's font is not known here.
double text_width(std::string_view text, double font = kFont);
double widest(const std::vector<std::string>& labels, double font);

// The opening tag, the caption's text, the style and the background. `name` is the picture's
// class; `style` adds rules, in which @ stands for that class. `smallest` is the picture's smallest
// font: where there is less room, the picture scrolls instead of shrinking that below kLegible.
std::string svg_begin(std::string_view name, double width, double height, const Caption& caption,
                      std::string_view style = "", double smallest = kFont);

// `anchor`: which point of the text is at x: start, middle or end. y is the baseline.
std::string svg_text(double x, double y, std::string_view anchor, std::string_view text);

// A box on the paper.
struct Box {
    double left, top, right, bottom;
};

// The cells of a grid that fills the box, row by row from the top, one path for each colour in use.
// tones: indices into `colours`; -1 leaves a cell out. Every row must have `columns` tones.
std::string svg_cells(const std::vector<int>& tones, std::size_t columns,
                      const std::vector<Colour>& colours, const Box& box);

// Two axes and their place on the paper.
struct Paper {
    Scales scales;
    Box box;
    double margin = 0;  // distance of the points from the box's sides
    double across(double x) const {
        return box.left + margin + scales.x.place(x) * (box.right - box.left - 2 * margin);
    }
    double down(double y) const {
        return box.bottom - margin - scales.y.place(y) * (box.bottom - box.top - 2 * margin);
    }
};

// Grid lines with their numbers, the name of the x axis below them and that of the y axis above.
std::string svg_axes(const Paper& paper, const Axis& x, const Axis& y);

// Names along the top line, from right to left, each preceded by its mark. `mark(i, x)` draws the
// mark of name i, `room` wide, starting at x and centred on y = 12.
std::string svg_legend(const std::vector<std::string>& names, double room,
                       const std::function<std::string(std::size_t, double)>& mark);

// The points of a group in the shape and colour of its index, `number`, outlined in the
// background's colour, with their labels beside them.
std::string svg_points(const PointGroup& group, std::size_t number, const Paper& paper);
// The shape alone, for a legend.
std::string svg_mark(std::size_t number, double x, double y);

// The style rules that points need, for svg_begin().
constexpr std::string_view kPointStyle =
    "@ .rim,@ .points{stroke-linejoin:round;stroke-linecap:round;stroke-width:2}"
    "@ .rim{stroke:#fff;stroke-width:5;fill:none}"
    "@media screen and (prefers-color-scheme:dark){@ .rim{stroke:#16181b}}";

}  // namespace gradus
