// SPDX-License-Identifier: MIT
#include "nn/plot/colour.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace gradus {
namespace {

Colour between(Colour a, Colour b, double part) {
    return {a.red + part * (b.red - a.red), a.green + part * (b.green - a.green),
            a.blue + part * (b.blue - a.blue)};
}

// Evenly spaced stops, linear in between.
std::vector<Colour> ramp(const std::vector<Colour>& stops) {
    std::vector<Colour> colours;
    const double pieces = static_cast<double>(stops.size() - 1);
    for (int i = 0; i < kTones; ++i) {
        const double at = i * pieces / (kTones - 1), piece = std::min(std::floor(at), pieces - 1);
        const auto stop = static_cast<std::size_t>(piece);
        colours.push_back(between(stops[stop], stops[stop + 1], at - piece));
    }
    return colours;
}

}  // namespace

std::string hex(Colour colour) {
    return fmt::format("#{:02x}{:02x}{:02x}", std::lround(colour.red), std::lround(colour.green),
                       std::lround(colour.blue));
}

double luminance(Colour colour) {
    const auto linear = [](double c) {
        c /= 255;
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) +
           0.0722 * linear(colour.blue);
}

std::string ink_on(Colour ground) {
    // The contrast of two luminances is (lighter + 0.05) / (darker + 0.05); where black and white
    // are equally good, at luminance 0.179, it is 4.58.
    const double light = luminance(ground) + 0.05;
    return 1.05 / light > light / 0.05 ? "#fff" : "#000";
}

int tone(double part) {
    if (!std::isfinite(part)) return -1;
    return static_cast<int>(std::lround(std::clamp(part, 0.0, 1.0) * (kTones - 1)));
}

std::vector<Colour> plain_ramp() {
    return ramp({{0, 32, 77}, {65, 77, 107}, {124, 123, 120}, {188, 175, 111}, {255, 234, 70}});
}

std::vector<Colour> signed_ramp() {
    return ramp({{0, 62, 140}, {66, 108, 158}, {150, 150, 150}, {217, 160, 88}, {255, 176, 56}});
}

std::vector<Colour> grey_ramp() {
    return ramp({{0, 0, 0}, {255, 255, 255}});
}

}  // namespace gradus
