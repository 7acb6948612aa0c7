// SPDX-License-Identifier: MIT
// Colours for numbers: ramps that work for the colour-blind too, and ink that is legible on them.
#pragma once

#include <string>
#include <vector>

namespace gradus {

struct Colour {
    double red, green, blue;  // 0 to 255, in sRGB
};

// "#0072b2"
std::string hex(Colour colour);

// Relative luminance, 0 (black) to 1 (white); W3C, WCAG 2.1.
double luminance(Colour colour);

// "#000" or "#fff", whichever stands out more: a contrast ratio of at least 4.5 on any colour.
std::string ink_on(Colour ground);

// The number of tones for values: few enough for neighbouring cells to share a tone and become one
// stroke (see svg_cells), yet enough for the steps between tones to be invisible.
constexpr int kTones = 32;

// The tone of a value from 0 to 1; other finite values are clamped, and a non-finite one gives -1.
int tone(double part);

// kTones colours each. Every ramp gets lighter from one end to the other, so that its tones can be
// told apart in black and white too.
std::vector<Colour> plain_ramp();   // dark blue to yellow: cividis (Nunez, Anderton, Renslow 2018)
std::vector<Colour> signed_ramp();  // blue, grey at zero, orange
std::vector<Colour> grey_ramp();    // black to white

}  // namespace gradus
