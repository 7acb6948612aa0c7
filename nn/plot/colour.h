// SPDX-License-Identifier: MIT
// Colours for numbers: ramps that also the colour-blind can read, and ink that can be read on them.
#pragma once

#include <string>
#include <vector>

namespace gradus {

struct Colour {
    double red, green, blue;  // 0 to 255, as sRGB has them
};

// "#0072b2"
std::string hex(Colour colour);

// Relative luminance, 0 (black) to 1 (white); W3C, WCAG 2.1.
double luminance(Colour colour);

// "#000" or "#fff", whichever stands out more: a contrast of at least 4.5 on any ground.
std::string ink_on(Colour ground);

// Numbers are drawn in so many tones, that neighbours of one tone become one stroke (see svg_cells)
// and yet no step between two tones is seen.
constexpr int kTones = 32;

// The tone of a value between 0 and 1, values beyond as the ends; -1 of NaN.
int tone(double part);

// kTones colours each. All grow lighter from end to end, so that they can be told apart in print
// and without colour too.
std::vector<Colour> plain_ramp();   // dark blue to yellow: cividis (Nunez, Anderton, Renslow 2018)
std::vector<Colour> signed_ramp();  // blue, grey at zero, orange
std::vector<Colour> grey_ramp();    // black to white

}  // namespace gradus
