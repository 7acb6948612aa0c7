// SPDX-License-Identifier: MIT
// The library broadcasts with sum_backward (on zeros) and un-broadcasts with lesson 03's
// sum_forward, one axis at a time; so of this lesson's functions only sum_backward has a place in
// the table.
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_07 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().sum_backward = [](Real* dx, const Real* dy, Index outer, Index n, Index inner) {
        part().sum_backward(dx, dy, outer, n, inner);
    };
});

}  // namespace
}  // namespace gradus::lesson_07
