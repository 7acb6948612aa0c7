// SPDX-License-Identifier: MIT
// The pieces of a fast matrix product (Goto, van de Geijn 2008, "Anatomy of high-performance matrix
// multiplication"; BLIS, Van Zee, van de Geijn 2015): both operands are packed into narrow panels
// that are read front to back, and one micro-kernel multiplies a panel of a by a panel of b with
// the whole result tile in registers. Used by matmul.cpp and, with one thread per head, by
// attention.cpp.
#pragma once

#include "tensor/kernels/simd.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// The tile: kTileRows rows by kTileVectors vectors. AVX-512: 14 x 2 accumulators + 2 of b + 1
// broadcast of a = 31 of 32 registers; AVX2 and SSE: 6 x 2 + 2 + 1 = 15 of 16. Each step in k does
// 28 (12) multiply-adds for 16 (8) loads.
#if defined(GRADUS_ISA_avx512)
constexpr int kTileRows = 14;
#else
constexpr int kTileRows = 6;
#endif
constexpr int kTileVectors = 2;
constexpr Index kTileCols = kTileVectors * kLanes;
// Depth of a packed block: a panel of b is 256 x 32 floats = 32 KiB and stays in a 48 KiB L1 cache
// beside one of a (14 KiB).
constexpr Index kDepth = 256;

inline Index min(Index a, Index b) {
    return a < b ? a : b;
}
inline Index ceil_div(Index a, Index b) {
    return (a + b - 1) / b;
}

// Element (i, j) is data[i * row + j * col]: a transposed matrix is one with its two steps
// exchanged.
struct View {
    const Real* data;
    Index row, col;
    View at(Index i, Index j) const { return {data + i * row + j * col, row, col}; }
};

// Packs `rows` <= kTileRows rows of a, `depth` columns each: out[k * kTileRows + i] = a(i, k),
// missing rows zero.
inline void pack_rows(Real* out, View a, Index rows, Index depth) {
    if (a.row == 1 && rows == kTileRows) {  // stored by columns: whole runs can be copied
        for (Index k = 0; k < depth; ++k)
            __builtin_memcpy(out + k * kTileRows, a.data + k * a.col, sizeof(Real) * kTileRows);
        return;
    }
    for (Index i = 0; i < kTileRows; ++i)
        for (Index k = 0; k < depth; ++k)
            out[k * kTileRows + i] = i < rows ? a.data[i * a.row + k * a.col] : Real(0);
}

// Packs `cols` <= kTileCols columns of b: out[k * kTileCols + j] = b(k, j), missing columns zero.
inline void pack_cols(Real* out, View b, Index depth, Index cols) {
    if (b.col == 1) {  // stored by rows: a few vectors each
        for (Index k = 0; k < depth; ++k) {
            for (int v = 0; v < kTileVectors; ++v) {
                const Real* from = b.data + k * b.row + v * kLanes;
                const Index n = min(cols - v * kLanes, kLanes);
                store(out + k * kTileCols + v * kLanes, n == kLanes ? load(from)
                                                        : n > 0     ? load_part(from, n)
                                                                    : Vec{});
            }
        }
        return;
    }
    for (Index j = 0; j < kTileCols; ++j)
        for (Index k = 0; k < depth; ++k)
            out[k * kTileCols + j] = j < cols ? b.data[k * b.row + j * b.col] : Real(0);
}

// Where multiply_tile finds a(i, k): in a packed panel, or in place with any steps. In place costs
// more address arithmetic but no packing: right where each element of a meets only one or two
// panels of b, as in attention.
struct PackedRows {
    const Real* panel;
    Real operator()(int i, Index k) const { return panel[k * kTileRows + i]; }
};
struct RowsInPlace {
    const Real* data;
    Index row, col;
    Real operator()(int i, Index k) const { return data[i * row + k * col]; }
};

// c (R rows, `width` columns) = or += a times b panel: `depth` rank-1 updates of a tile held in
// registers.
template <int R, int V, class A>
void multiply_tile(Real* c, Index c_row, A a, const Real* b, Index depth, Index width,
                   bool accumulate) {
    Vec tile[R][V];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) tile[i][v] = Vec{};
    for (Index k = 0; k < depth; ++k, b += kTileCols) {
        Vec row[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) row[v] = load(b + v * kLanes);
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
            const Vec x = all(a(i, k));
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) tile[i][v] += x * row[v];
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) {
            Real* out = c + i * c_row + v * kLanes;
            const Index n = min(width - v * kLanes, kLanes);
            if (n <= 0) continue;
            Vec value = tile[i][v];
            if (accumulate) value += load(out, n);
            store(out, value, n);
        }
    }
}

// The same for any number of rows up to a whole tile: the last panel of a matrix does no work for
// rows that are not there.
template <int V, class A>
void multiply_rows(Index rows, Real* c, Index c_row, A a, const Real* b, Index depth, Index width,
                   bool accumulate) {
    switch (rows) {
        // clang-format off
#define GRADUS_ROWS(R) \
        case R: return multiply_tile<(R <= kTileRows ? R : 1), V>(c, c_row, a, b, depth, width, accumulate);
        GRADUS_ROWS(1) GRADUS_ROWS(2) GRADUS_ROWS(3) GRADUS_ROWS(4) GRADUS_ROWS(5) GRADUS_ROWS(6)
        GRADUS_ROWS(7) GRADUS_ROWS(8) GRADUS_ROWS(9) GRADUS_ROWS(10) GRADUS_ROWS(11) GRADUS_ROWS(12)
        GRADUS_ROWS(13) GRADUS_ROWS(14)
#undef GRADUS_ROWS
            // clang-format on
            default : return;
    }
}

template <class A>
void multiply_panels(Index rows, Index width, Real* c, Index c_row, A a, const Real* b, Index depth,
                     bool accumulate) {
    if (width <= kLanes)
        multiply_rows<1>(rows, c, c_row, a, b, depth, width, accumulate);
    else
        multiply_rows<kTileVectors>(rows, c, c_row, a, b, depth, width, accumulate);
}

inline Index packed_rows_count(Index M, Index depth) {
    return ceil_div(M, kTileRows) * kTileRows * depth;
}
inline Index packed_cols_count(Index N, Index depth) {
    return ceil_div(N, kTileCols) * kTileCols * depth;
}

inline void pack_b(Real* out, View b, Index depth, Index N) {
    for (Index n = 0; n < N; n += kTileCols)
        pack_cols(out + n * depth, b.at(0, n), depth, min(kTileCols, N - n));
}

// c (M, N) = or += a b on this thread, from panels packed at this depth.
inline void multiply_packed(Real* c, Index c_row, const Real* a, const Real* b, Index M, Index N,
                            Index depth, bool accumulate) {
    for (Index n = 0; n < N; n += kTileCols)
        for (Index m = 0; m < M; m += kTileRows)
            multiply_panels(min(kTileRows, M - m), min(kTileCols, N - n), c + m * c_row + n, c_row,
                            PackedRows{a + m * depth}, b + n * depth, depth, accumulate);
}

// c (M, N) = or += a b on this thread: a in place, b in panels of which `packed_depth` rows were
// packed and the first `depth` are used.
inline void multiply_in_place(Real* c, Index c_row, View a, const Real* b, Index packed_depth,
                              Index M, Index N, Index depth, bool accumulate) {
    for (Index n = 0; n < N; n += kTileCols) {
        for (Index m = 0; m < M; m += kTileRows) {
            const View rows = a.at(m, 0);
            multiply_panels(min(kTileRows, M - m), min(kTileCols, N - n), c + m * c_row + n, c_row,
                            RowsInPlace{rows.data, rows.row, rows.col}, b + n * packed_depth, depth,
                            accumulate);
        }
    }
}

inline Real* scratch(int which, Index count) {
    return static_cast<Real*>(
        thread_scratch(which, static_cast<__SIZE_TYPE__>(count) * sizeof(Real)));
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
