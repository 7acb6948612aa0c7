// SPDX-License-Identifier: MIT
// The library broadcasts with add_broadcast (on zeros) and un-broadcasts with lesson 03's
// sum_forward, one axis at a time. sum_backward computes the same as add_broadcast, so the
// learner's has both places in the table.
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_07 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    const auto spread = [](Real* y, const Real* x, Index outer, Index n, Index inner) {
        part().sum_backward(y, x, outer, n, inner);
    };
    ops().sum_backward = spread;
    ops().add_broadcast = spread;
});

}  // namespace
}  // namespace gradus::lesson_07
