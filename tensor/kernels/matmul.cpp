// SPDX-License-Identifier: MIT
// The fast matrix product, in five loops (Goto, van de Geijn 2008, figure 4; BLIS, Van Zee, van de
// Geijn 2015):
//
//     for rectangles of c                                   one task each, up to 512 columns wide
//         for blocks of up to kDepth columns of a, rows of b        packed b: 1.5 MiB, in L2 or L3
//             for blocks of c, kBlockRows high                      packed a: 340 KiB, in L2
//                 for panels of b                                   24 KiB in L1, or 96 in L2
//                     for tiles of c: multiply_tile                 in registers
//
// A task packs what it needs for itself: tasks never wait for each other and read only what their
// own processor wrote. (Panels packed by all and shared cost two threads of Sapphire Rapids 11 % in
// the mean of the bench's shapes: half of them lay in the other one's cache.) An element of c is
// always the sum of the same products in the same order, whatever the rectangles are, so they may
// depend on the number of threads. bench: matmul_bench.
#include "tensor/kernels/amx.h"
#include "tensor/kernels/bf16.h"
#include "tensor/kernels/matvec.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kMostCols = 512;  // of a rectangle
constexpr Index kBlockRows = 112 / kTileRows * kTileRows;
// A task is at least this many multiply-adds: 50 microseconds at 40 GFLOP/s, 10 at 200, long
// against the microsecond that an empty loop over all threads costs.
constexpr Index kTaskWork = 1 << 20;
constexpr Index kTasks = 2;    // wanted for each thread: the last to finish keeps others waiting
constexpr Index kFewRows = 4;  // up to so many rows of a, b is not packed (matvec.h)
// Products up to this size are not worth packing b for: 64 x 64 x 64.
constexpr Index kSmall = 64 * 64 * 64;

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

// If a is stored by rows, it is read in place: a tile then takes 2 % longer, but packing an element
// costs half a cycle to a whole one, and meeting 512 columns of b only 16. Not if its rows are a
// multiple of 4 KiB apart, give or take a cache line: all of a tile's would fall into the same set
// of the L1 cache (1024 x 256 x 1024: 151 GFLOP/s, packed 190, Sapphire Rapids).
inline bool is_read_in_place(View a) {
    constexpr Index kSets = 4096, kLineBytes = 64;
    const Index beyond = a.row * static_cast<Index>(sizeof(Real)) % kSets;
    return a.col == 1 && beyond >= kLineBytes && kSets - beyond >= kLineBytes;
}

// The size of the rectangles, each a task: of the ways to cut c into enough of them, the one that
// by estimate is done first. Packing a number costs a rectangle as much as 8 of its multiply-adds,
// one that must be transposed as 24 (0.06 ns and 0.18, Zen 5), one read in place as 4.
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
        const Index across = max(ceil_div(N, kMostCols), ceil_div(wanted, down));
        const Rectangle part{equal_part(M, ceil_div(M, down), row_unit),
                             equal_part(N, ceil_div(N, across), kTileCols)};
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
void multiply_rectangle(Real* c, Index c_row, View a, View b, Index M, Index N, Index K,
                        bool accumulate) {
    constexpr bool rounded = operands == Operands::bf16;
    const Index depth_step = equal_part(K, kDepth, 1);
    const bool in_place = !rounded && is_read_in_place(a);
    const Index rows_step = equal_part(M, kBlockRows, kTileRows);
    Real* packed_a = scratch(0, in_place ? 0 : rows_step * depth_step);
    Real* packed_b = scratch(1, packed_cols_count(N, depth_step));
    for (Index k = 0; k < K; k += depth_step) {
        const Index depth = min(depth_step, K - k);
        const bool add = accumulate || k > 0;
        const View rows_of_b = b.at(k, 0);
        // The first strip of c packs b on the way where it can.
        Index strip = !rounded && b.col == 1 && M >= kTileRows ? kTileRows : 0;
        if (strip == 0) pack_b(packed_b, rows_of_b, depth, N);
        if (rounded) round_panels(packed_b, kTileCols, N, depth);
        for (Index m = 0; m < M; m += rows_step) {
            const Index rows = min(rows_step, M - m);
            Real *out = c + m * c_row, *below = out + strip * c_row;
            const View rows_of_a = a.at(m, k);
            if (!in_place) pack_a(packed_a, rows_of_a, rows, depth);
            if (in_place) {
                if (strip > 0)
                    multiply_and_pack(out, c_row, RowsOfA{rows_of_a.data, a.row}, rows_of_b,
                                      packed_b, N, depth, add);
                multiply_in_place(below, c_row, rows_of_a.at(strip, 0), packed_b, depth,
                                  rows - strip, N, depth, add);
            } else if (rounded) {
                round_panels(packed_a, kTileRows, rows, depth);
                multiply_packed_bf16(out, c_row, packed_a, packed_b, rows, N, depth, add);
            } else {
                if (strip > 0)
                    multiply_and_pack(out, c_row, PackedRows{packed_a}, rows_of_b, packed_b, N,
                                      depth, add);
                multiply_packed(below, c_row, packed_a + strip * depth, packed_b, rows - strip, N,
                                depth, add);
            }
            strip = 0;
        }
    }
}

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

    const MultiplyRectangle by_tiles = rounded ? bf16_by_tiles() : nullptr;
    const MultiplyRectangle work = by_tiles ? by_tiles : multiply_rectangle<operands>;
    const Rectangle part = rectangle(va, vb, M, N, K, by_tiles ? kSquare : kTileRows);
    const Index across = ceil_div(N, part.cols);
    parallel_for(ceil_div(M, part.rows) * across, 1, [=](Index begin, Index end) {
        for (Index task = begin; task < end; ++task) {
            const Index m = task / across * part.rows, n = task % across * part.cols;
            work(c + m * N + n, N, va.at(m, 0), vb.at(0, n), min(part.rows, M - m),
                 min(part.cols, N - n), K, accumulate);
        }
    });
}

// c = a b:   da += dc b^T,  db += a^T dc.      c = a b^T:  da += dc b,  db += dc^T a.
template <Operands operands>
void multiply_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                       Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    if (da) multiply<operands>(da, dc, b, M, K, N, false, !transpose_b, add_a);
    if (db && !transpose_b) multiply<operands>(db, a, dc, K, N, M, true, false, add_b);
    if (db && transpose_b) multiply<operands>(db, dc, a, N, K, M, true, false, add_b);
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
                     Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    multiply_backward<Operands::as_they_are>(da, db, dc, a, b, M, N, K, transpose_b, add_a, add_b);
}
void matmul_bf16_backward(Real* da, Real* db, const Real* dc, const Real* a, const Real* b, Index M,
                          Index N, Index K, bool transpose_b, bool add_a, bool add_b) {
    multiply_backward<Operands::bf16>(da, db, dc, a, b, M, N, K, transpose_b, add_a, add_b);
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
