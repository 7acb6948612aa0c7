// SPDX-License-Identifier: MIT
// The fast matrix product, in five loops (Goto, van de Geijn 2008, figure 4; BLIS, Van Zee, van de
// Geijn 2015):
//
//     for rectangles of c                                   one task each, up to NC columns wide
//         for blocks of up to KC columns of a, rows of b        packed b: 1.5 MiB, in L2 or L3
//             for blocks of c, MC high                              packed a: 340 KiB, in L2
//                 for panels of b                                   24 KiB in L1, or 96 in L2
//                     for tiles of c: multiply_tile                 in registers
//
// Each task packs its own panels: tasks never wait for each other and read only what their own core
// wrote. (Packing jointly and sharing the panels cost two threads of Sapphire Rapids 11% on average
// over the bench's shapes: half of the panels were in the other core's cache.) An element of c is
// always the sum of the same products in the same order, whatever the rectangles are, so the
// rectangles may depend on the number of threads. bench: matmul_bench.
#include "tensor/kernels/amx.h"
#include "tensor/kernels/bf16.h"
#include "tensor/kernels/matvec.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kNC = 512;  // maximum columns of a rectangle
constexpr Index kMC = 112 / kMR * kMR;
// A task is at least this many multiply-adds: 50 microseconds at 40 GFLOP/s, 10 at 200, long
// compared with the microsecond that an empty loop over all threads costs.
constexpr Index kTaskWork = 1 << 20;
constexpr Index kTasks = 2;    // wanted per thread: the last to finish keeps the others waiting
constexpr Index kFewRows = 4;  // for up to this many rows of a, b is not packed (matvec.h)
// For products up to this size, packing b does not pay: 64 x 64 x 64.
constexpr Index kSmall = 64 * 64 * 64;

// c = or += a b on this thread, with nothing packed but the last, narrow panel of b, or every panel
// if b is stored by columns.
void multiply_small(Result c, View a, View b, Index M, Index N, Index K) {
    Real* packed = scratch(1, K * kNR);
    for (Index n = 0; n < N; n += kNR) {
        const Index width = min(kNR, N - n);
        const View panel = b.at(0, n);
        const bool in_place = b.col == 1 && width == kNR;
        if (!in_place) pack<kNR>(packed, panel.transposed(), width, K);
        for (Index m = 0; m < M; m += kMR) {
            multiply_part(min(kMR, M - m), width, c.at(m, n), a.at(m, 0),
                          in_place ? RowsOfB{panel.data, b.row} : RowsOfB{packed, kNR}, K);
        }
    }
}

// If a is stored by rows, it is read in place: a tile then takes 2% longer, but packing an element
// costs half a cycle to a whole one, against only 16 cycles for multiplying it by 512 columns of b.
// It is packed if its rows are a multiple of 4 KiB apart, give or take a cache line: all rows of a
// tile would fall into the same set of the L1 cache (1024 x 256 x 1024 on Sapphire Rapids: 151
// GFLOP/s, 190 when packed).
inline bool is_read_in_place(View a) {
    constexpr Index kSets = 4096, kLineBytes = 64;
    const Index beyond = a.row * static_cast<Index>(sizeof(Real)) % kSets;
    return a.col == 1 && beyond >= kLineBytes && kSets - beyond >= kLineBytes;
}

// The size of the rectangles, one per task: of the ways to split c into enough of them, the one
// estimated to finish first. Packing an element counts as 8 multiply-adds, or as 24 if it must be
// transposed (0.06 and 0.18 ns on a Zen 5), and reading one in place as 4.
struct Rectangle {
    Index rows, cols;
};
inline Rectangle rectangle(View a, View b, Index M, Index N, Index K, Index row_unit) {
    const Index wanted =
        threads() == 1 ? 1 : min(kTasks * threads(), max(1, M * N * K / kTaskWork));
    const Index a_cost = is_read_in_place(a) ? 4 : a.row == 1 ? 8 : 24;
    const Index b_cost = b.col == 1 ? 8 : 24;
    Rectangle best{};
    Index least = 0;
    for (Index down = 1; down <= wanted; ++down) {
        const Index across = max(ceil_div(N, kNC), ceil_div(wanted, down));
        const Rectangle part{equal_part(M, ceil_div(M, down), row_unit),
                             equal_part(N, ceil_div(N, across), kNR)};
        const Index tasks = ceil_div(M, part.rows) * ceil_div(N, part.cols);
        const Index time = ceil_div(tasks, threads()) *
                           (part.rows * part.cols + part.rows * a_cost + part.cols * b_cost);
        if (down == 1 || time < least) best = part, least = time;
    }
    return best;
}

enum class Operands { as_they_are, bf16 };

// A MultiplyRectangle (amx.h).
template <Operands operands>
void multiply_rectangle(Result c, View a, View b, Index M, Index N, Index K) {
    constexpr bool rounded = operands == Operands::bf16;
    const Index depth_step = equal_part(K, kKC, 1);
    const bool in_place = !rounded && is_read_in_place(a);
    const Index rows_step = equal_part(M, kMC, kMR);
    Real* packed_a = scratch(0, in_place ? 0 : rows_step * depth_step);
    Real* packed_b = scratch(1, packed_cols_count(N, depth_step));
    for (Index k = 0; k < K; k += depth_step) {
        const Index depth = min(depth_step, K - k);
        const View rows_of_b = b.at(k, 0);
        // The first strip of c packs b on the way if it can.
        Index strip = !rounded && b.col == 1 && M >= kMR ? kMR : 0;
        if (strip == 0) pack_b(packed_b, rows_of_b, depth, N);
        if (rounded) round_panels(packed_b, kNR, N, depth);
        for (Index m = 0; m < M; m += rows_step) {
            const Index rows = min(rows_step, M - m);
            const Result out = c.from(k).at(m, 0), below = out.at(strip, 0);
            const View rows_of_a = a.at(m, k);
            if (!in_place) pack_a(packed_a, rows_of_a, rows, depth);
            if (in_place) {
                if (strip > 0)
                    multiply_and_pack(out, RowsOfA{rows_of_a.data, a.row}, rows_of_b, packed_b, N,
                                      depth);
                multiply_in_place(below, rows_of_a.at(strip, 0), {packed_b, depth}, rows - strip, N,
                                  depth);
            } else if (rounded) {
                round_panels(packed_a, kMR, rows, depth);
                multiply_packed_bf16(out, packed_a, packed_b, rows, N, depth);
            } else {
                if (strip > 0)
                    multiply_and_pack(out, PackedRows{packed_a}, rows_of_b, packed_b, N, depth);
                multiply_packed(below, packed_a + strip * depth, packed_b, rows - strip, N, depth);
            }
            strip = 0;
        }
    }
}

template <Operands operands>
void multiply(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    constexpr bool rounded = operands == Operands::bf16;
    if (M == 0 || N == 0) return;
    if (K == 0) {
        if (c.write == Write::overwrite)
            each_vector(M * N, [=](Index i, Index width) { store(c.data + i, Vec{}, width); });
        return;
    }
    if (!rounded && M <= kFewRows && (M == 1 || !a.transposed))
        return b.transposed ? multiply_by_dots(c, a.data, b.data, M, N, K)
                            : multiply_by_rows(c, a.data, b.data, M, N, K);
    const View va = a.transposed ? View{a.data, 1, M} : View{a.data, K, 1};
    const View vb = b.transposed ? View{b.data, 1, K} : View{b.data, N, 1};
    const Result vc{c.data, N, c.write};
    if (!rounded && M * N * K <= kSmall && K <= kKC) return multiply_small(vc, va, vb, M, N, K);

    const MultiplyRectangle by_tiles = rounded ? bf16_by_tiles() : nullptr;
    const MultiplyRectangle work = by_tiles ? by_tiles : multiply_rectangle<operands>;
    const Rectangle part = rectangle(va, vb, M, N, K, by_tiles ? kSquare : kMR);
    const Index across = ceil_div(N, part.cols);
    parallel_for(ceil_div(M, part.rows) * across, 1, [=](Index begin, Index end) {
        for (Index task = begin; task < end; ++task) {
            const Index m = task / across * part.rows, n = task % across * part.cols;
            work(vc.at(m, n), va.at(m, 0), vb.at(0, n), min(part.rows, M - m),
                 min(part.cols, N - n), K);
        }
    });
}

// c = a b:   da += dc b^T,  db += a^T dc.      c = a b^T:  da += dc b,  db += dc^T a.
template <Operands operands>
void multiply_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                       Index N, Index K) {
    if (da.data) multiply<operands>(da, {dc}, {b.data, !b.transposed}, M, K, N);
    if (db.data && !b.transposed) multiply<operands>(db, {a, true}, {dc}, K, N, M);
    if (db.data && b.transposed) multiply<operands>(db, {dc, true}, {a}, N, K, M);
}

}  // namespace

void matmul(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    multiply<Operands::as_they_are>(c, a, b, M, N, K);
}
void matmul_bf16(Output c, Operand a, Operand b, Index M, Index N, Index K) {
    multiply<Operands::bf16>(c, a, b, M, N, K);
}
void matmul_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                     Index N, Index K) {
    multiply_backward<Operands::as_they_are>(da, db, dc, a, b, M, N, K);
}
void matmul_bf16_backward(Output da, Output db, const Real* dc, const Real* a, Operand b, Index M,
                          Index N, Index K) {
    multiply_backward<Operands::bf16>(da, db, dc, a, b, M, N, K);
}

void transpose(Real* y, const Real* x, Index batch, Index rows, Index cols) {
    // Blocks of 16 x 16 floats: each touches 16 cache lines on each side, which all stay in L1.
    constexpr Index kBlock = 16;
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
