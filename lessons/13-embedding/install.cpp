// SPDX-License-Identifier: MIT
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_13 {
namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().embedding_forward = [](Real* y, const Real* table, const int* id, Index n, Index C) {
        part().embedding_forward(y, table, id, n, C);
    };
    ops().embedding_backward = [](Real* dtable, const Real* dy, const int* id, Index n, Index C,
                                  Index V) { part().embedding_backward(dtable, dy, id, n, C, V); };
});

}  // namespace
}  // namespace gradus::lesson_13
