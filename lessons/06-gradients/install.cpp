// SPDX-License-Identifier: MIT
// The library's matmul_backward takes null for a gradient that is not wanted, b as its transpose,
// and memory that holds nothing yet. The learner's need not: here it gets memory for both, zeros
// where nothing is there, and b the right way round.
#include <algorithm>

#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_06 {
namespace {

void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                     Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    if (da != nullptr && !add_a) std::fill_n(da, M * K, Real(0));
    if (db != nullptr && !add_b) std::fill_n(db, K * N, Real(0));
    std::vector<Real> unwanted, turned_b, turned_db;
    if (da == nullptr) unwanted.resize(static_cast<std::size_t>(M * K)), da = unwanted.data();
    if (!transpose_b && db != nullptr) {
        part().matmul_backward(da, db, dc, a, b, M, N, K);
        return;
    }
    turned_db.resize(static_cast<std::size_t>(K * N));
    if (transpose_b) {  // b and db are stored (N,K)
        turned_b.resize(turned_db.size());
        for (Index k = 0; k < K; ++k)
            for (Index j = 0; j < N; ++j) {
                turned_b[k * N + j] = b[j * K + k];
                if (db != nullptr) turned_db[k * N + j] = db[j * K + k];
            }
        b = turned_b.data();
    }
    part().matmul_backward(da, turned_db.data(), dc, a, b, M, N, K);
    if (db == nullptr) return;
    for (Index k = 0; k < K; ++k)
        for (Index j = 0; j < N; ++j) db[j * K + k] = turned_db[k * N + j];
}

const lessons::Install installed(GRADUS_LESSON_NAME, [] {
    ops().tanh_forward = [](Real* y, const Real* x, Index n) { part().tanh_forward(y, x, n); };
    ops().tanh_backward = [](Real* dx, const Real* dy, const Real* y, Index n) {
        part().tanh_backward(dx, dy, y, n);
    };
    ops().gelu_forward = [](Real* y, const Real* x, Index n) { part().gelu_forward(y, x, n); };
    ops().gelu_backward = [](Real* dx, const Real* dy, const Real* x, Index n) {
        part().gelu_backward(dx, dy, x, n);
    };
    ops().matmul_backward = matmul_backward;
    ops().softmax_backward = [](Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
        part().softmax_backward(dx, dy, y, rows, cols);
    };
});

}  // namespace
}  // namespace gradus::lesson_06
