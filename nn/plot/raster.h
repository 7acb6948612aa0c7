// SPDX-License-Identifier: MIT
// Areas, lines and words as pixels, with smooth edges. Words are set in the font of stb_easy_font
// (Sean Barrett), which has the characters of ASCII and needs no font file, so that a picture is
// the same on every machine.
#pragma once

#include <string_view>
#include <vector>

#include "nn/files/datasets/image.h"
#include "nn/plot/colour.h"

namespace gradus {

struct Spot {
    double x, y;  // right and down
};
using Outline = std::vector<Spot>;

// (x, y) becomes (a x + c y + e, b x + d y + f), as in SVG's matrix(a b c d e f).
struct Transform {
    double a = 1, b = 0, c = 0, d = 1, e = 0, f = 0;

    Spot operator()(Spot p) const { return {a * p.x + c * p.y + e, b * p.x + d * p.y + f}; }
    // First `inner`, then this one.
    Transform operator*(const Transform& inner) const;
};

enum class Edges { smooth, crisp };  // crisp: along the sides of pixels, so that no seam shows

class Raster {
 public:
    // Width and height in pixels, filled with one colour.
    Raster(std::size_t width, std::size_t height, Colour ground);

    // Paints everything that the closed outlines go round, in either direction (nonzero winding);
    // what is outside the raster is cut off. Opacity: 0 to 1.
    void fill(const std::vector<Outline>& outlines, Colour colour, double opacity = 1,
              Edges edges = Edges::smooth);

    const Pixels& pixels() const { return pixels_; }

 private:
    Pixels pixels_;
};

// The outlines of a line through the spots, `width` wide and with round corners, each transformed.
// Its ends are cut off square unless they are `round`.
enum class Ends { flat, round };
std::vector<Outline> stroke(const Outline& line, double width, Ends ends, const Transform& place);

// The pieces of a line that a pattern of dashes and gaps leaves; lengths as in stroke-dasharray.
std::vector<Outline> dashed(const Outline& line, const std::vector<double>& pattern);

// Words with the left end of their baseline at (0, 0): `grown` widens every stroke of the letters
// to all sides. A character outside ASCII becomes a question mark, a control character a blank.
std::vector<Outline> letters(std::string_view text, double font, double grown,
                             const Transform& place);
double letters_width(std::string_view text, double font);

}  // namespace gradus
