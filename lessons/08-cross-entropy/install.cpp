// SPDX-License-Identifier: MIT
#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_08 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().cross_entropy_forward = [](Real* loss, Real* lse, const Real* x, const int* target,
                                     Index rows, Index cols) {
        lessons::in_parts(rows, 64, [&](Index begin, Index end) {
            part().cross_entropy_forward(loss + begin, lse + begin, x + begin * cols,
                                         target + begin, end - begin, cols);
        });
    };
    ops().cross_entropy_backward = [](Real* dx, Real scale, const Real* x, const Real* lse,
                                      const int* target, Index rows, Index cols) {
        lessons::in_parts(rows, 64, [&](Index begin, Index end) {
            part().cross_entropy_backward(dx + begin * cols, scale, x + begin * cols, lse + begin,
                                          target + begin, end - begin, cols);
        });
    };
});

}  // namespace
}  // namespace gradus::lesson_08
