// SPDX-License-Identifier: MIT
// Lesson 02: shapes and memory. The text is lessons/02-shapes/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 02
#pragma once

#include <stdexcept>

#include "lessons/learn.h"

namespace mine {

// strides[axis]: how many places apart two elements lie that are neighbours along this axis, if
// the array lies row after row without gaps. The last axis has stride 1. As many strides as sizes;
// none for the shape () of a single number.
inline std::vector<Index> contiguous_strides(const std::vector<Index>& sizes) {
    unfinished("contiguous_strides");  // TODO
}

// Where the element [index[0], index[1], ...] lies: the sum over the axes of index times stride.
// index and strides are of the same length.
inline Index offset(const std::vector<Index>& index, const std::vector<Index>& strides) {
    unfinished("offset");  // TODO
}

// The shape that a and b are broadcast to: aligned at the last axis, missing axes count as 1, and
// where the sizes differ one of them has to be 1; the result has the other. Throws
// std::invalid_argument if on any axis they differ and neither is 1.
inline std::vector<Index> broadcast_shape(const std::vector<Index>& a,
                                          const std::vector<Index>& b) {
    unfinished("broadcast_shape");  // TODO
}

// The strides with which an array of shape `sizes`, row after row without gaps, is read as if it
// had the shape `wide`, to which it can be stretched. One for each axis of wide: 0 where `sizes`
// has no such axis or its size there is 1, else what the array's own stride is.
inline std::vector<Index> broadcast_strides(const std::vector<Index>& sizes,
                                            const std::vector<Index>& wide) {
    unfinished("broadcast_strides");  // TODO
}

}  // namespace mine
