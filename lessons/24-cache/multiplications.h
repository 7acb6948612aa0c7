// SPDX-License-Identifier: MIT
// Counts what matrix products cost, for the check and the demo of lesson 24.
#pragma once

#include "tensor/ops.h"

namespace gradus::lesson_24 {

// While it exists, counts the multiply-adds of all matrix products of the library: M N K each.
class CountedProducts {
 public:
    CountedProducts() {
        before_ = ops().matmul.function();
        count_ = 0;
        ops().matmul = [](Output c, Operand a, Operand b, Index M, Index N, Index K) {
            count_ += M * N * K;
            before_(c, a, b, M, N, K);
        };
    }
    ~CountedProducts() { ops().matmul = before_; }
    CountedProducts(const CountedProducts&) = delete;
    CountedProducts& operator=(const CountedProducts&) = delete;

    Index count() const { return count_; }

 private:
    static inline decltype(Ops::matmul)::Function before_ = nullptr;
    static inline Index count_ = 0;
};

}  // namespace gradus::lesson_24
