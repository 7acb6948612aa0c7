// SPDX-License-Identifier: MIT
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_08 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().cross_entropy_forward = [](Real* loss, Real* lse, const Real* x, const int* target,
                                     Index rows, Index cols) {
        part().cross_entropy_forward(loss, lse, x, target, rows, cols);
    };
    ops().cross_entropy_backward = [](Real* dx, Real scale, const Real* x, const Real* lse,
                                      const int* target, Index rows, Index cols) {
        part().cross_entropy_backward(dx, scale, x, lse, target, rows, cols);
    };
});

}  // namespace
}  // namespace gradus::lesson_08
