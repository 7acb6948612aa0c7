// SPDX-License-Identifier: MIT
// Synthetic handwritten digits: each consists of a few strokes through about a dozen control
// points, randomly rotated, scaled, slanted and bent, and drawn with a pen of random width; then
// noise is added. A data set of any size, with nothing to download.
#pragma once

#include "tensor/random.h"
#include "tensor/tensor.h"
#include "tensor/tokens.h"

namespace gradus {

// How one digit is drawn. Lengths are fractions of the picture's side; the defaults give
// the plain upright glyph.
struct StrokePose {
    double turn = 0;                  // radians, clockwise; at most 0.5 either way
    double scale_x = 1, scale_y = 1;  // 1: the original size
    double shear = 0;                 // to the right at the top, to the left at the bottom
    double bend_x = 0, bend_y = 0;    // bends verticals into arches, horizontals into bowls
    double shift_x = 0, shift_y = 0;  // right, down
    double pen = 0.1;                 // width of the line
    double ink = 1;                   // darkness of the line
};

// Rotated by up to 15 degrees, scaled by 0.8 to 1.2 in each direction, and so on: as varied as the
// handwriting of a class of schoolchildren. Every call consumes the same number of random numbers.
StrokePose random_pose(Random& random);

// The digit 0..9 as (size, size) values from 0 (paper) to 1 (ink), row by row from the top; edges
// are anti-aliased. Throws std::invalid_argument for a digit outside 0..9 or a size
// below 1.
Tensor draw_digit(int digit, const StrokePose& pose = {}, Index size = 16);

struct LabelledImages {
    Tensor images;  // (count, size * size), each value in 0..1
    Tokens labels;  // (count)
};

struct StrokeOptions {
    Index size = 16;     // pixels along a side
    double noise = 0.1;  // standard deviation of each pixel's noise, before clipping to 0..1
};

// The images numbered first, first + 1, ... of a seed. Image i shows the digit i % 10 and depends
// on (seed, stream, i) alone: Stream::data is for training, Stream::validation for testing. Pixels
// are rounded to 8 bits, so that an image is identical on every machine.
LabelledImages stroke_digits(std::uint64_t seed, Stream stream, Index first, Index count,
                             const StrokeOptions& options = {});

}  // namespace gradus
