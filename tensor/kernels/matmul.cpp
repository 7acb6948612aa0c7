// SPDX-License-Identifier: MIT
// The fast matrix product. For every block of up to kDepth columns of a: pack that block of both
// operands into panels (gemm.h), then multiply panel by panel. Both steps are split over the
// threads; an element of c is always the sum of the same products in the same order, whatever the
// number of threads. bench: matmul_bench.
#include "tensor/kernels/gemm.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kPanelsA = 4;  // a task multiplies 4 panels of a (56 rows) by 4 of b (128
                               // columns): 3.7 MFLOP at depth 256,
constexpr Index kPanelsB =
    4;  // about 20 microseconds, long against the 0.15 that an empty loop costs
constexpr Index kBlockCols = 8192;      // columns of b packed at a time: 8 MiB at full depth
constexpr Index kSmall = 64 * 64 * 64;  // products up to this size are not worth a second thread

}  // namespace

void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
            bool transpose_b, bool accumulate) {
    if (M == 0 || N == 0) return;
    if (K == 0) {
        if (!accumulate)
            each_vector(M * N, [=](Index i, Index width) { store(c + i, Vec{}, width); });
        return;
    }
    const View va = transpose_a ? View{a, 1, M} : View{a, K, 1};
    const View vb = transpose_b ? View{b, 1, K} : View{b, N, 1};
    const bool small = M * N * K <= kSmall;
    // Equal depths: 384 columns are cut into 192 + 192, not 256 + 128.
    const Index depth_step = ceil_div(K, ceil_div(K, kDepth));
    const Index cols_step = min(N, kBlockCols);
    Real* packed_a = scratch(0, packed_rows_count(M, depth_step));
    Real* packed_b = scratch(1, packed_cols_count(cols_step, depth_step));
    for (Index n0 = 0; n0 < N; n0 += cols_step) {
        const Index cols = min(cols_step, N - n0), panels_b = ceil_div(cols, kTileCols);
        for (Index k0 = 0; k0 < K; k0 += depth_step) {
            const Index depth = min(depth_step, K - k0), panels_a = ceil_div(M, kTileRows);

            // Pass 1: pack. Panels of b first, then those of a.
            const Index panels = panels_b + panels_a;
            parallel_for(panels, small ? panels : 1 + kGrain / (depth * kTileCols),
                         [&](Index begin, Index end) {
                             for (Index p = begin; p < end; ++p) {
                                 if (p < panels_b) {
                                     const Index n = p * kTileCols;
                                     pack_cols(packed_b + n * depth, vb.at(k0, n0 + n), depth,
                                               min(kTileCols, cols - n));
                                 } else {
                                     const Index m = (p - panels_b) * kTileRows;
                                     pack_rows(packed_a + m * depth, va.at(m, k0),
                                               min(kTileRows, M - m), depth);
                                 }
                             }
                         });

            // Pass 2: multiply, one task per block of kPanelsA x kPanelsB panels.
            const Index blocks_a = ceil_div(panels_a, kPanelsA),
                        blocks_b = ceil_div(panels_b, kPanelsB);
            const Index tasks = blocks_a * blocks_b;
            parallel_for(tasks, small ? tasks : 1, [&](Index begin, Index end) {
                for (Index task = begin; task < end; ++task) {
                    const Index m = task / blocks_b * kPanelsA * kTileRows,
                                n = task % blocks_b * kPanelsB * kTileCols;
                    multiply_packed(c + m * N + n0 + n, N, packed_a + m * depth,
                                    packed_b + n * depth, min(kPanelsA * kTileRows, M - m),
                                    min(kPanelsB * kTileCols, cols - n), depth,
                                    accumulate || k0 > 0);
                }
            });
        }
    }
}

void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                     Index N, Index K, bool transpose_b) {
    // c = a b:   da += dc b^T,  db += a^T dc.      c = a b^T:  da += dc b,  db += dc^T a.
    if (da) matmul(da, dc, b, M, K, N, false, !transpose_b, true);
    if (db && !transpose_b) matmul(db, a, dc, K, N, M, true, false, true);
    if (db && transpose_b) matmul(db, dc, a, N, K, M, true, false, true);
}

void transpose(Real* y, const Real* x, Index batch, Index rows, Index cols) {
    constexpr Index kBlock =
        16;  // 16 x 16 floats: each touches 16 cache lines on both sides, all of which stay in L1
    parallel_for(batch * ceil_div(rows, kBlock), 1 + kGrain / (kBlock * (cols + 1)),
                 [=](Index begin, Index end) {
                     const Index strips = ceil_div(rows, kBlock);
                     for (Index strip = begin; strip < end; ++strip) {
                         const Index r0 = strip % strips * kBlock, r1 = min(rows, r0 + kBlock),
                                     at = strip / strips * rows * cols;
                         for (Index c0 = 0; c0 < cols; c0 += kBlock)
                             for (Index r = r0; r < r1; ++r)
                                 for (Index c = c0; c < min(cols, c0 + kBlock); ++c)
                                     y[at + c * rows + r] = x[at + r * cols + c];
                     }
                 });
}

GRADUS_KERNELS_END
