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
// Depth of a packed block. A panel of b is read once for every panel of a: 384 x 16 floats are 24
// KiB and stay in an L1 cache of 32. The 96 KiB of AVX-512 come from L2, 9 bytes a cycle of the 32
// or more that it can give, and save passes over c (256 x 3072 x 768 on a Zen 5: 384 deep 89 % of
// peak, 512 deep 90, 768 and 1024 deep 92).
#if defined(GRADUS_ISA_avx512)
constexpr Index kDepth = 768;
#else
constexpr Index kDepth = 384;
#endif

constexpr Index min(Index a, Index b) {
    return a < b ? a : b;
}
constexpr Index max(Index a, Index b) {
    return a > b ? a : b;
}
inline Index ceil_div(Index a, Index b) {
    return (a + b - 1) / b;
}

// n cut into equal parts of at most `most`, a multiple of `unit`: the length of one. 384 columns
// become 192 + 192, not 256 + 128.
inline Index equal_part(Index n, Index most, Index unit) {
    return ceil_div(ceil_div(n, ceil_div(n, most)), unit) * unit;
}

// Element (i, j) is data[i * row + j * col]: a transposed matrix is one with its two steps
// exchanged.
struct View {
    const Real* data;
    Index row, col;
    View at(Index i, Index j) const { return {data + i * row + j * col, row, col}; }
    View transposed() const { return {data, col, row}; }
};

// Squares of numbers are transposed a line at a time: a vector with AVX-512, sixteen bytes
// elsewhere, because AVX2 exchanges numbers within sixteen bytes only. The two orders below take
// from two lines in turn, the first line first: their first halves, and their second.
#if defined(GRADUS_ISA_avx512)
typedef Vec Line;
#ifdef GRADUS_DOUBLE
#define GRADUS_ZIP_LOW 0, 8, 1, 9, 2, 10, 3, 11
#define GRADUS_ZIP_HIGH 4, 12, 5, 13, 6, 14, 7, 15
#else
#define GRADUS_ZIP_LOW 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23
#define GRADUS_ZIP_HIGH 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31
#endif
#else
typedef Quad Line;
#ifdef GRADUS_DOUBLE
#define GRADUS_ZIP_LOW 0, 2
#define GRADUS_ZIP_HIGH 1, 3
#else
#define GRADUS_ZIP_LOW 0, 4, 1, 5
#define GRADUS_ZIP_HIGH 2, 6, 3, 7
#endif
#endif
constexpr Index kLine = sizeof(Line) / sizeof(Real);

// A square of kLine x kLine numbers: zipping the upper half of the lines with the lower half moves
// the last bit of a column's number to the front of the line's; log2(kLine) times exchanges the
// two.
inline void transpose_lines(Line (&line)[kLine]) {
    Line zipped[kLine];
#pragma GCC unroll 4
    for (Index step = 1; step < kLine; step *= 2) {
#pragma GCC unroll 8
        for (Index i = 0; i < kLine / 2; ++i) {
            const Line low = line[i], high = line[i + kLine / 2];
            zipped[2 * i] = __builtin_shufflevector(low, high, GRADUS_ZIP_LOW);
            zipped[2 * i + 1] = __builtin_shufflevector(low, high, GRADUS_ZIP_HIGH);
        }
#pragma GCC unroll 16
        for (Index i = 0; i < kLine; ++i) line[i] = zipped[i];
    }
}

// out(i, j) = in(j, i) for kLine columns of `in` and up to kLine rows of it; the other columns of
// `out` become zeros.
inline void transpose_square(Real* out, Index out_row, const Real* in, Index in_row, Index rows) {
    Line line[kLine];
#pragma GCC unroll 16
    for (Index i = 0; i < kLine; ++i) {
        line[i] = Line{};
        if (i < rows) __builtin_memcpy(&line[i], in + i * in_row, sizeof(Line));
    }
    transpose_lines(line);
#pragma GCC unroll 16
    for (Index i = 0; i < kLine; ++i) __builtin_memcpy(out + i * out_row, &line[i], sizeof(Line));
}

// Width numbers, of which the first n are there; the others become zeros.
template <int Width>
void copy_run(Real* out, const Real* in, Index n) {
#if defined(GRADUS_ISA_avx512)  // masked: memcpy takes three instructions each way for 56 bytes
#pragma GCC unroll 2
    for (Index i = 0; i < Width; i += kLanes)
        store(out + i, load(in + i, max(0, min(kLanes, n - i))), min(kLanes, Width - i));
#else
    if (n == Width)
        __builtin_memcpy(out, in, sizeof(Real) * Width);
    else
        for (Index i = 0; i < Width; ++i) out[i] = i < n ? in[i] : Real(0);
#endif
}

// A panel: out[k * Width + i] = x(i, k) for k < depth and i < n <= Width, zero for n <= i < Width.
template <int Width>
void pack(Real* out, View x, Index n, Index depth) {
    Index k = 0;
    if (x.row == 1) {
        for (; k < depth; ++k) copy_run<Width>(out + k * Width, x.at(0, k).data, n);
    } else if (n == Width && x.col == 1) {  // squares; the last may overlap the one before it
        constexpr Index kRows = min(Width, kLine);
        // A panel of fewer rows than a square has: what a line writes too much, the next one
        // overwrites, and the last lines of the panel are not written by squares.
        for (; (k + kLine - 1) * Width + kLine <= depth * Width; k += kLine)
            for (Index i = 0; i < Width; i += kRows) {
                const Index at = min(i, Width - kRows);
                transpose_square(out + k * Width + at, Width, x.at(at, k).data, x.row, kRows);
            }
    }
    for (; k < depth; ++k)
        for (Index i = 0; i < Width; ++i) out[k * Width + i] = i < n ? *x.at(i, k).data : Real(0);
}

// Where multiply_tile finds a(i, k): in a packed panel, or in place with any steps. In place costs
// more address arithmetic but no packing: right where each element of a meets only a few panels of
// b, as in attention.
struct PackedRows {
    const Real* panel;
    Real operator()(int i, Index k) const { return panel[k * kTileRows + i]; }
};
struct RowsOfA {  // in place, stored by rows: 2 % faster than with steps of any size
    const Real* data;
    Index row;
    Real operator()(int i, Index k) const { return data[i * row + k]; }
};
struct RowsInPlace {
    const Real* data;
    Index row, col;
    Real operator()(int i, Index k) const { return data[i * row + k * col]; }
};

// Where it finds vector v of row k of b: `step` apart, kTileCols in a packed panel.
struct RowsOfB {
    const Real* data;
    Index step;
    Vec operator()(Index k, int v) const { return load(data + k * step + v * kLanes); }
};
struct RowsToPack {  // in place, and what is read is packed on the way
    const Real* data;
    Index step;
    Real* panel;
    Vec operator()(Index k, int v) const {
        const Real* line = data + k * step + v * kLanes;
        __builtin_prefetch(line + kTileCols, 0, 2);  // of the next panel, into L2
        const Vec x = load(line);
        store(panel + k * kTileCols + v * kLanes, x);
        return x;
    }
};

// c (R rows, `width` columns) = or += a times b: `depth` rank-1 updates of a tile held in
// registers. Never inlined: among the loops around it g++ 12 made it slower (1024^3: 32.8 GFLOP/s,
// apart 34.8).
template <int R, int V, class A, class B>
__attribute__((noinline)) void multiply_tile(Real* c, Index c_row, A a, B b, Index depth,
                                             Index width, bool accumulate) {
    Vec tile[R][V];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) tile[i][v] = Vec{};
    // Every line of c is asked for: they come while the products are added up. (Only the first one
    // of each row: 256 x 50257 x 768 at 143 GFLOP/s instead of 156, Sapphire Rapids.) A shallow
    // product is over too soon: 64^3 would lose 3 %.
    if (depth > 64) {
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) __builtin_prefetch(c + i * c_row + v * kLanes, 1);
            __builtin_prefetch(c + i * c_row + V * kLanes - 1, 1);  // rows may begin within a line
        }
    }
#pragma GCC unroll 4
    for (Index k = 0; k < depth; ++k) {
        Vec row[V];
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) row[v] = b(k, v);
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
            const Vec x = all(a(i, k));
#pragma GCC unroll 2
            for (int v = 0; v < V; ++v) tile[i][v] = multiply_add(x, row[v], tile[i][v]);
        }
    }
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 2
        for (int v = 0; v < V; ++v) {
            Real* out = c + i * c_row + v * kLanes;
            if (width == V * kLanes) {
                store(out, accumulate ? load(out) + tile[i][v] : tile[i][v]);
                continue;
            }
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
void multiply_rows(Index rows, Real* c, Index c_row, A a, const Real* b, Index b_step, Index depth,
                   Index width, bool accumulate) {
    switch (rows) {
        // clang-format off
#define GRADUS_ROWS(R) \
        case R: return multiply_tile<(R <= kTileRows ? R : 1), V>(c, c_row, a, RowsOfB{b, b_step}, depth, width, accumulate);
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
                     bool accumulate, Index b_step = kTileCols) {
    if (width <= kLanes)
        multiply_rows<1>(rows, c, c_row, a, b, b_step, depth, width, accumulate);
    else
        multiply_rows<kTileVectors>(rows, c, c_row, a, b, b_step, depth, width, accumulate);
}

// The same with up to kTileRows rows of a in place, however they are stored.
inline void multiply_strip(Index rows, Index width, Real* c, Index c_row, View a, const Real* b,
                           Index depth, bool accumulate, Index b_step = kTileCols) {
    if (a.col == 1)
        multiply_panels(rows, width, c, c_row, RowsOfA{a.data, a.row}, b, depth, accumulate,
                        b_step);
    else
        multiply_panels(rows, width, c, c_row, RowsInPlace{a.data, a.row, a.col}, b, depth,
                        accumulate, b_step);
}

inline Index packed_cols_count(Index N, Index depth) {
    return ceil_div(N, kTileCols) * kTileCols * depth;
}

// The panels of x, Width rows each, zeros below the last row. Where x is stored by columns, panels
// are packed side by side: runs of 512 bytes come from memory sooner than runs of 56.
template <int Width>
void pack_panels(Real* out, View x, Index rows, Index depth) {
    constexpr Index kSide = 512 / sizeof(Real) / Width * Width;
    const Index whole = x.row == 1 ? rows / Width * Width : 0;
    for (Index m = 0; m < whole; m += kSide) {
        const Index side = min(kSide, whole - m);
        for (Index k = 0; k < depth; ++k)
            for (Index i = m; i < m + side; i += Width) {
                __builtin_prefetch(x.at(i, k + 16).data);  // rows lie too far apart to be foreseen
                copy_run<Width>(out + i * depth + k * Width, x.at(i, k).data, Width);
            }
    }
    for (Index m = whole; m < rows; m += Width)
        pack<Width>(out + m * depth, x.at(m, 0), min(Width, rows - m), depth);
}

inline void pack_a(Real* out, View a, Index M, Index depth) {
    pack_panels<kTileRows>(out, a, M, depth);
}
inline void pack_b(Real* out, View b, Index depth, Index N) {
    pack_panels<kTileCols>(out, b.transposed(), N, depth);
}

// The first kTileRows rows of c (N columns) = or += a b, b in place and stored by rows: packs all
// of b on the way, whose numbers come from L3 or memory while others are multiplied. A pass of its
// own takes 12 % of 256 x 3072 x 768 (Zen 5), this 3.
template <class A>
void multiply_and_pack(Real* c, Index c_row, A a, View b, Real* packed, Index N, Index depth,
                       bool accumulate) {
    Index n = 0;
    for (; n + kTileCols <= N; n += kTileCols)
        multiply_tile<kTileRows, kTileVectors>(
            c + n, c_row, a, RowsToPack{b.at(0, n).data, b.row, packed + n * depth}, depth,
            kTileCols, accumulate);
    if (n == N) return;
    pack_b(packed + n * depth, b.at(0, n), depth, N - n);
    multiply_panels(kTileRows, N - n, c + n, c_row, a, packed + n * depth, depth, accumulate);
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
            multiply_strip(min(kTileRows, M - m), min(kTileCols, N - n), c + m * c_row + n, c_row,
                           a.at(m, 0), b + n * packed_depth, depth, accumulate);
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
