// SPDX-License-Identifier: MIT
// The library has one operation for both steps: without a velocity it is the plain one.
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_09 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().sgd_step = [](Real* w, const Real* g, Real* velocity, Real lr, Real momentum, Index n) {
        if (velocity == nullptr)
            part().sgd_step(w, g, lr, n);
        else
            part().momentum_step(w, g, velocity, lr, momentum, n);
    };
});

}  // namespace
}  // namespace gradus::lesson_09
