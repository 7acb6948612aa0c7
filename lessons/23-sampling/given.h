// SPDX-License-Identifier: MIT
// Lesson 23, given: the settings of sampling, the order of the tokens, and what writing needs.
#pragma once

#include <functional>
#include <numeric>
#include <vector>

#include "lessons/01-counting/yours.h"
#include "lessons/learn.h"
#include "lessons/must_hold.h"

namespace gradus::lessons {

struct Settings {
    Real temperature = 1;  // 0: always the likeliest token
    Index top_k = 0;       // only the k likeliest; 0: all
    Real top_p = 1;        // only the likeliest that together have this probability; 1: all
};

// A model: the scores of each token to come next after `ids`, V numbers.
using Next = std::function<std::vector<Real>(const std::vector<int>& ids)>;

// A random number, 0 <= u < 1; another one at each call.
using Uniform = std::function<Real()>;

// The numbers of all V tokens, the likeliest first; of equally likely ones the lower number.
inline std::vector<Index> ranking(const Real* p, Index V) {
    std::vector<Index> order(static_cast<std::size_t>(V));
    std::iota(order.begin(), order.end(), Index{0});
    std::stable_sort(order.begin(), order.end(), [&](Index a, Index b) { return p[a] > p[b]; });
    return order;
}

// The token whose turn it is at u: yours of lesson 01.   row: V probabilities
inline Index sample_row(const Real* row, Index V, Real u) {
    must_hold(row, V);
    return your_sample_row(row, V, u);
}

}  // namespace gradus::lessons

using gradus::lessons::Next;
using gradus::lessons::ranking;
using gradus::lessons::sample_row;
using gradus::lessons::Settings;
using gradus::lessons::Uniform;
