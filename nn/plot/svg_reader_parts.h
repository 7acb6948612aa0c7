// SPDX-License-Identifier: MIT
// Reads back the SVG that svg*.cpp write: elements, styles and paths; for png.cpp only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "nn/plot/raster.h"

namespace gradus {

struct SvgElement {
    std::string tag;
    std::map<std::string, std::string, std::less<>> attributes;
    std::string text;  // of <text> and <style>
    std::vector<SvgElement> children;

    std::string_view get(std::string_view name) const;  // empty if it is not there
    double number(std::string_view name, double otherwise) const;
    bool in_class(std::string_view name) const;
};

// All of these throw std::invalid_argument for what our pictures do not use.
SvgElement read_svg(std::string_view text);

// A rule of a style sheet: ".heat-map text" has the ancestors {".heat-map"} and the target "text".
struct SvgRule {
    std::string ancestor, target;  // "text", ".grid" or, for the ancestor, ""
    std::map<std::string, std::string, std::less<>> properties;
};
// Without what is inside @media: the colours for a light background.
std::vector<SvgRule> read_style(std::string_view text);
std::map<std::string, std::string, std::less<>> read_properties(std::string_view text);

// One polyline per M of a path; curves become short straight pieces. `closed`: it ends in z.
struct SvgLine {
    Outline spots;
    bool closed = false;
};
std::vector<SvgLine> read_path(std::string_view d);

std::vector<double> read_numbers(std::string_view text);
Transform read_transform(std::string_view text);

}  // namespace gradus
