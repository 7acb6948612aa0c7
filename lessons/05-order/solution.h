// SPDX-License-Identifier: MIT
// Lesson 05: why order matters.
#pragma once

#include "lessons/learn.h"

namespace mine {

inline std::vector<Index> order(Index root, const std::vector<std::vector<Index>>& inputs) {
    // Pass 1: everything the root was made of, and how often each number is used there.
    std::vector<Index> uses(inputs.size(), 0);
    std::vector<Index> reached = {root};
    for (std::size_t at = 0; at < reached.size(); ++at) {
        for (const Index input : inputs[reached[at]]) {
            if (uses[input] == 0) reached.push_back(input);
            ++uses[input];
        }
    }

    // Pass 2: an input is ready when the last of its uses has passed.
    std::vector<Index> result = {root};
    for (std::size_t at = 0; at < result.size(); ++at) {
        for (const Index input : inputs[result[at]]) {
            --uses[input];
            if (uses[input] == 0) result.push_back(input);
        }
    }
    return result;
}

}  // namespace mine
