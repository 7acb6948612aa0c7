// SPDX-License-Identifier: MIT
// The library's matmul_backward takes null for a gradient that is not wanted, b as its transpose,
// and memory that holds nothing yet. The learner's need not: here it gets memory for both, zeros
// where nothing is there, and b the right way round.
#include <algorithm>

#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_06 {
namespace {

constexpr Index kNumbers = 8192;  // for a thread at a time: a tenth of a millisecond

// y (cols, rows) = x (rows, cols) transposed.
void turn(Real* y, const Real* x, Index rows, Index cols) {
    for (Index i = 0; i < rows; ++i)
        for (Index j = 0; j < cols; ++j) y[j * rows + i] = x[i * cols + j];
}

void matmul_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                     Index N, Index K) {
    if (da.data && da.write == Write::overwrite) std::fill_n(da.data, M * K, Real(0));
    if (db.data && db.write == Write::overwrite) std::fill_n(db.data, K * N, Real(0));
    std::vector<Real> unwanted_da, turned_b, own_db;
    if (!da.data) unwanted_da.resize(static_cast<std::size_t>(M * K)), da.data = unwanted_da.data();
    if (!db.data || b.transposed) own_db.resize(static_cast<std::size_t>(K * N));
    if (b.transposed) {  // b and db are stored (N,K)
        turned_b.resize(own_db.size());
        turn(turned_b.data(), b.data, N, K);
        if (db.data) turn(own_db.data(), db.data, N, K);
    }
    part().matmul_backward(da.data, own_db.empty() ? db.data : own_db.data(), dc, a,
                           b.transposed ? turned_b.data() : b.data, M, N, K);
    if (b.transposed && db.data) turn(db.data, own_db.data(), K, N);
}

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().tanh_forward = [](Real* y, const Real* x, Index n) { part().tanh_forward(y, x, n); };
    ops().tanh_backward = [](Real* dx, const Real* dy, const Real* y, Index n) {
        part().tanh_backward(dx, dy, y, n);
    };
    ops().gelu_forward = [](Real* y, const Real* x, Index n) {
        lessons::in_parts(n, kNumbers, [&](Index begin, Index end) {
            part().gelu_forward(y + begin, x + begin, end - begin);
        });
    };
    ops().gelu_backward = [](Real* dx, const Real* dy, const Real* x, Index n) {
        lessons::in_parts(n, kNumbers, [&](Index begin, Index end) {
            part().gelu_backward(dx + begin, dy + begin, x + begin, end - begin);
        });
    };
    ops().matmul_backward = matmul_backward;
    ops().softmax_backward = [](Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
        lessons::in_parts(rows, 64, [&](Index begin, Index end) {
            const Index at = begin * cols;
            part().softmax_backward(dx + at, dy + at, y + at, end - begin, cols);
        });
    };
});

}  // namespace
}  // namespace gradus::lesson_06
