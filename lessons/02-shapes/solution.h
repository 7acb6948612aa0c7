// SPDX-License-Identifier: MIT
// Lesson 02: shapes and memory.
#pragma once

#include <stdexcept>

#include "lessons/learn.h"

namespace mine {

inline std::vector<Index> contiguous_strides(const std::vector<Index>& sizes) {
    std::vector<Index> strides(sizes.size());
    Index step = 1;
    for (std::size_t axis = sizes.size(); axis-- > 0;) {
        strides[axis] = step;
        step *= sizes[axis];
    }
    return strides;
}

inline Index offset(const std::vector<Index>& index, const std::vector<Index>& strides) {
    Index sum = 0;
    for (std::size_t axis = 0; axis < index.size(); ++axis) sum += index[axis] * strides[axis];
    return sum;
}

inline std::vector<Index> broadcast_shape(const std::vector<Index>& a,
                                          const std::vector<Index>& b) {
    const std::size_t rank = std::max(a.size(), b.size());
    std::vector<Index> wide(rank);
    for (std::size_t back = 1; back <= rank; ++back) {
        const Index x = back <= a.size() ? a[a.size() - back] : 1;
        const Index y = back <= b.size() ? b[b.size() - back] : 1;
        if (x != y && x != 1 && y != 1) throw std::invalid_argument("the shapes do not fit");
        wide[rank - back] = x == 1 ? y : x;
    }
    return wide;
}

inline std::vector<Index> broadcast_strides(const std::vector<Index>& sizes,
                                            const std::vector<Index>& wide) {
    const std::vector<Index> strides = contiguous_strides(sizes);
    const std::size_t missing = wide.size() - sizes.size();
    std::vector<Index> steps(wide.size(), 0);
    for (std::size_t axis = 0; axis < sizes.size(); ++axis)
        if (sizes[axis] != 1) steps[missing + axis] = strides[axis];
    return steps;
}

}  // namespace mine
