// SPDX-License-Identifier: MIT
// The elements of an array, in order, to be compared with a list.
#pragma once

#include <vector>

#include "nn/files/datasets/number_array.h"

namespace gradus {

inline std::vector<double> numbers(const NumberArray& array) {
    std::vector<double> list;
    for (Index i = 0; i < array.shape.count(); ++i) list.push_back(array[i]);
    return list;
}

}  // namespace gradus
