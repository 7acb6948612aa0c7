// SPDX-License-Identifier: MIT
// The library's matmul can also read a matrix as its transpose, and add to c. The learner's need
// not: here the operands are turned and the sum is made around it.
#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_03 {
namespace {

std::vector<Real> transposed(const Real* x, Index rows, Index cols) {
    std::vector<Real> y(static_cast<std::size_t>(rows * cols));
    for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < cols; ++j) y[j * rows + i] = x[i * cols + j];
    return y;
}

void matmul(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    std::vector<Real> turned_a, turned_b, product;
    if (a.transposed) turned_a = transposed(a.data, K, M), a.data = turned_a.data();
    if (b.transposed) turned_b = transposed(b.data, N, K), b.data = turned_b.data();
    const bool accumulate = c.write == Write::accumulate;
    if (accumulate) product.resize(static_cast<std::size_t>(M * N));
    part().matmul(accumulate ? product.data() : c.data, a.data, b.data, M, N, K);
    for (std::size_t i = 0; i < product.size(); ++i) c.data[i] += product[i];
}

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().matmul = matmul;
    ops().sum_forward = [](Real* y, const Real* x, Index outer, Index n, Index inner) {
        part().sum_forward(y, x, outer, n, inner);
    };
    ops().softmax_forward = [](Real* y, const Real* x, Index rows, Index cols) {
        lessons::in_parts(rows, 64, [&](Index begin, Index end) {
            part().softmax_forward(y + begin * cols, x + begin * cols, end - begin, cols);
        });
    };
});

}  // namespace
}  // namespace gradus::lesson_03
