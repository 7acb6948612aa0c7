// SPDX-License-Identifier: MIT
// The fast matrix product, in five loops (Goto, van de Geijn 2008, figure 4; BLIS, Van Zee, van de
// Geijn 2015):
//
//     for blocks of up to kDepth columns of a, rows of b
//         for blocks of up to kPackedCols columns of b            packed b: 1.5 MiB, in L3
//             for blocks of up to kPackedRows rows of a           packed a: 3 MiB, in L3
//                 for blocks of c, kBlockRows high                a: 170 KiB, in L2; one task each
//                     for panels of b                             24 or 32 KiB, in L1
//                         for tiles of c: multiply_tile           in registers
//
// Packing and multiplying are each split over the threads; an element of c is always the sum of the
// same products in the same order, whatever the number of threads. bench: matmul_bench.
#include "tensor/kernels/bf16.h"
#include "tensor/kernels/matvec.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kPackedCols = 1024;
constexpr Index kPackedRows = 2048;
constexpr Index kBlockRows = 112 / kTileRows * kTileRows;
// Up to this width a is read in place, if it is stored by rows: packing an element costs about 0.6
// cycles, and 16 of them are spent on multiplying it by 128 columns of b; in place a tile takes 2 %
// longer.
constexpr Index kNarrow = 256;
// A task is at least this many multiply-adds: 50 microseconds at 40 GFLOP/s, 10 at 200, long
// against the microsecond that an empty loop over all threads costs.
constexpr Index kTaskWork = 1 << 20;
constexpr Index kMostTasks = 32;
constexpr Index kFewRows = 4;  // up to so many rows of a, b is not packed (matvec.h)
// Products up to this size are not worth packing b for: 64 x 64 x 64.
constexpr Index kSmall = 64 * 64 * 64;

// n cut into equal parts of at most `most`, a multiple of `unit`: the length of one. 384 columns
// become 192 + 192, not 256 + 128.
inline Index equal_part(Index n, Index most, Index unit) {
    return ceil_div(ceil_div(n, ceil_div(n, most)), unit) * unit;
}

// c = or += a b on this thread, with nothing packed but the last, narrow panel of b, or every panel
// if b is stored by columns.
void multiply_small(Real* c, View a, View b, Index M, Index N, Index K, bool accumulate) {
    Real* packed = scratch(1, K * kTileCols);
    for (Index n = 0; n < N; n += kTileCols) {
        const Index width = min(kTileCols, N - n);
        const View panel = b.at(0, n);
        const bool in_place = b.col == 1 && width == kTileCols;
        if (!in_place) pack<kTileCols>(packed, panel.transposed(), width, K);
        for (Index m = 0; m < M; m += kTileRows) {
            multiply_strip(min(kTileRows, M - m), width, c + m * N + n, N, a.at(m, 0),
                           in_place ? panel.data : packed, K, accumulate,
                           in_place ? b.row : kTileCols);
        }
    }
}

enum class Operands { as_they_are, bf16 };

template <Operands operands>
void multiply(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
              bool transpose_b, bool accumulate) {
    constexpr bool rounded = operands == Operands::bf16;
    if (M == 0 || N == 0) return;
    if (K == 0) {
        if (!accumulate)
            each_vector(M * N, [=](Index i, Index width) { store(c + i, Vec{}, width); });
        return;
    }
    if (!rounded && M <= kFewRows && (M == 1 || !transpose_a))
        return transpose_b ? multiply_by_dots(c, a, b, M, N, K, accumulate)
                           : multiply_by_rows(c, a, b, M, N, K, accumulate);
    const View va = transpose_a ? View{a, 1, M} : View{a, K, 1};
    const View vb = transpose_b ? View{b, 1, K} : View{b, N, 1};
    if (!rounded && M * N * K <= kSmall && K <= kDepth)
        return multiply_small(c, va, vb, M, N, K, accumulate);

    const Index depth_step = equal_part(K, kDepth, 1);
    const Index cols_step = equal_part(N, kPackedCols, kTileCols);
    const bool in_place = !rounded && va.col == 1 && N <= kNarrow;
    const Index rows_step = in_place ? M : equal_part(M, kPackedRows, kTileRows);
    Real* packed_a = scratch(0, in_place ? 0 : rows_step * depth_step);
    Real* packed_b = scratch(1, cols_step * depth_step);
    for (Index k = 0; k < K; k += depth_step) {
        const Index depth = min(depth_step, K - k);
        for (Index n0 = 0; n0 < N; n0 += cols_step) {
            const Index cols = min(cols_step, N - n0), panels_b = ceil_div(cols, kTileCols);
            for (Index m0 = 0; m0 < M; m0 += rows_step) {
                const Index rows = min(rows_step, M - m0);

                // Pass 1: pack. Panels of b, unless they are there already, then those of a.
                const Index fresh_b = m0 == 0 ? panels_b : 0;
                const Index fresh_a = in_place ? 0 : ceil_div(rows, kTileRows);
                const auto pack_some = [=](Index begin, Index end) {
                    for (Index p = begin; p < end; ++p) {
                        const bool of_b = p < fresh_b;
                        const Index n = p * kTileCols, m = (p - fresh_b) * kTileRows;
                        Real* panel = of_b ? packed_b + n * depth : packed_a + m * depth;
                        if (of_b)
                            pack<kTileCols>(panel, vb.at(k, n0 + n).transposed(),
                                            min(kTileCols, cols - n), depth);
                        else
                            pack<kTileRows>(panel, va.at(m0 + m, k), min(kTileRows, rows - m),
                                            depth);
                        if (rounded) round_packed(panel, of_b ? kTileCols : kTileRows, depth);
                    }
                };
                parallel_for(fresh_b + fresh_a, 1 + kGrain / (depth * kTileCols), pack_some);

                // Pass 2: multiply. A task is a block of rows times some panels of b.
                const Index block_rows = equal_part(rows, kBlockRows, kTileRows),
                            blocks_m = ceil_div(rows, block_rows);
                const Index tasks = min(kMostTasks, rows * cols * depth / kTaskWork + 1);
                const Index block_panels = ceil_div(panels_b, ceil_div(tasks, blocks_m)),
                            blocks_n = ceil_div(panels_b, block_panels);
                parallel_for(blocks_m * blocks_n, 1, [=](Index begin, Index end) {
                    for (Index task = begin; task < end; ++task) {
                        const Index m = task / blocks_n * block_rows,
                                    n = task % blocks_n * block_panels * kTileCols;
                        const Index height = min(block_rows, rows - m),
                                    width = min(block_panels * kTileCols, cols - n);
                        Real* out = c + (m0 + m) * N + n0 + n;
                        const Real* of_b = packed_b + n * depth;
                        const bool add = accumulate || k > 0;
                        if (in_place) {
                            multiply_in_place(out, N, va.at(m, k), of_b, depth, height, width,
                                              depth, add);
                            continue;
                        }
                        const Real* of_a = packed_a + m * depth;
                        if (rounded)
                            multiply_packed_bf16(out, N, of_a, of_b, height, width, depth, add);
                        else
                            multiply_packed(out, N, of_a, of_b, height, width, depth, add);
                    }
                });
            }
        }
    }
}

// c = a b:   da += dc b^T,  db += a^T dc.      c = a b^T:  da += dc b,  db += dc^T a.
template <Operands operands>
void multiply_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                       Index N, Index K, bool transpose_b) {
    if (da) multiply<operands>(da, dc, b, M, K, N, false, !transpose_b, true);
    if (db && !transpose_b) multiply<operands>(db, a, dc, K, N, M, true, false, true);
    if (db && transpose_b) multiply<operands>(db, dc, a, N, K, M, true, false, true);
}

}  // namespace

void matmul(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
            bool transpose_b, bool accumulate) {
    multiply<Operands::as_they_are>(c, a, b, M, N, K, transpose_a, transpose_b, accumulate);
}
void matmul_bf16(Real* c, const Real* a, const Real* b, Index M, Index N, Index K, bool transpose_a,
                 bool transpose_b, bool accumulate) {
    multiply<Operands::bf16>(c, a, b, M, N, K, transpose_a, transpose_b, accumulate);
}
void matmul_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                     Index N, Index K, bool transpose_b) {
    multiply_backward<Operands::as_they_are>(da, db, dc, a, b, M, N, K, transpose_b);
}
void matmul_bf16_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                          Index N, Index K, bool transpose_b) {
    multiply_backward<Operands::bf16>(da, db, dc, a, b, M, N, K, transpose_b);
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
