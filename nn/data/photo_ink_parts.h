// SPDX-License-Identifier: MIT
// From a photo to its ink; for photo_*.cpp only.
#pragma once

#include <cstdint>
#include <vector>

#include "nn/files/datasets/image.h"

namespace gradus {

// A picture of one channel: a number for each pixel.
struct Channel {
    std::size_t width = 0, height = 0;
    std::vector<float> values;  // [y * width + x]

    Channel() = default;
    Channel(std::size_t across, std::size_t down, float value = 0)
        : width(across), height(down), values(across * down, value) {}
    float& at(std::size_t x, std::size_t y) { return values[y * width + x]; }
    float at(std::size_t x, std::size_t y) const { return values[y * width + x]; }
    // Linear between the centres of four neighbours; beyond the edge, the edge's value.
    float between(double x, double y) const;
};

// Means of factor x factor pixels, 0 black to 1 white.
Channel shrunk(const Pixels& photo, std::size_t factor);

// How much darker a pixel is than the paper around it: 0 paper, 1 black. A shadow makes both darker
// by the same factor and is not ink. The median is 0.
struct Ink {
    Channel plane;
    double noise;  // standard deviation on bare paper, estimated from medians
};
Ink ink_of(const Channel& photo);

// Sets to 0 the ruled lines, level and upright, that are darker than `threshold`: straight, thin,
// and either from edge to edge or three quarters of the way. Where a digit crosses one, its ink
// stays. Returns how many there were.
int remove_rules(Channel& ink, double threshold);

// The threshold that splits the values above `least` into two groups with the smallest variance
// within them (Otsu 1979).
double split(const Channel& ink, double least);

// For each pixel the distance to the nearest pixel with value 0 or less; between centres, in
// pixels (Felzenszwalb, Huttenlocher 2012, "Distance transforms of sampled functions").
Channel distance_to_empty(const Channel& plane);

}  // namespace gradus
