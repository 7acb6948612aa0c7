// SPDX-License-Identifier: MIT
// Runs a learner's loops on all threads, a part of the rows on each, as the library runs its own. The
// parts are always the same, so the results are, too.
#pragma once

#include <algorithm>

#include "tensor/parallel.h"

namespace gradus::lessons {

// Set if a learner's file keeps something from call to call (`static`), which two threads at once
// would spoil: then everything runs on one.
inline bool one_thread = false;

// body(begin, end) for every part [0, grain), [grain, 2 grain), ... of 0..n-1.
template <class Body>
void in_parts(Index n, Index grain, const Body& body) {
    if (!one_thread) return parallel_for(n, grain, body);
    for (Index begin = 0; begin < n; begin += grain) body(begin, std::min(n, begin + grain));
}

}  // namespace gradus::lessons
