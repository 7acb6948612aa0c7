// SPDX-License-Identifier: MIT
// The pieces of a fast matrix product: a micro-kernel, which multiplies a panel of a by a panel of
// b (panels.h) with the whole result tile in registers, and a few loops around it. Used by
// matmul.cpp and, with one thread per head, by attention.cpp.
#pragma once

#include "tensor/kernels/panels.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// The destination of a product: element (i, j) of c is data[i * row + j].
struct Result {
    Real* data;
    Index row;
    Write write;
    Result at(Index i, Index j) const { return {data + i * row + j, row, write}; }
    // For a sum whose terms before k have already been added to c.
    Result from(Index k) const { return {data, row, k > 0 ? Write::accumulate : write}; }
};

// The source of a(i, k) for multiply_tile: a packed panel, or a in place with any strides. The
// latter costs more address arithmetic but no packing, which is better when each element of a is
// multiplied by only a few panels of b, as in attention.
struct PackedRows {
    const Real* panel;
    Real operator()(int i, Index k) const { return panel[k * kMR + i]; }
};
struct RowsOfA {  // in place, stored by rows: 2% faster than with arbitrary strides
    const Real* data;
    Index row;
    Real operator()(int i, Index k) const { return data[i * row + k]; }
};
struct RowsInPlace {
    const Real* data;
    Index row, col;
    Real operator()(int i, Index k) const { return data[i * row + k * col]; }
};

// The source of vector v of row k of b, whose rows are `step` apart (kNR in a packed panel).
struct RowsOfB {
    const Real* data;
    Index step;
    Vec operator()(Index k, int v) const { return load(data + k * step + v * kLanes); }
};
struct RowsToPack {  // in place, packing values as they are read
    const Real* data;
    Index step;
    Real* panel;
    Vec operator()(Index k, int v) const {
        const Real* line = data + k * step + v * kLanes;
        __builtin_prefetch(line + kNR, 0, 2);  // the next panel's line, into L2
        const Vec x = load(line);
        store(panel + k * kNR + v * kLanes, x);
        return x;
    }
};

// A value of a, in all lanes, for a row of multiply-adds. On arm64 these can take it from one lane, so
// it needs no broadcast. But both compilers would load some values with ld1r, which also occupies a
// pipe that multiply-adds need, and clang++ 14 would load those of later steps in k so early that it
// runs out of registers (15 stores and loads on the stack per step). The empty statement asks for a
// scalar in a register.
inline Vec splat_operand(Real x) {
#if defined(__aarch64__)
    __asm__("" : "+w"(x));
#endif
    return splat(x);
}

// c (R rows, `width` columns) = or += a b: `depth` rank-1 updates of a tile held in registers.
// Never inlined: g++ 12 produced slower code inside the surrounding loops (1024^3: 32.8 GFLOP/s
// instead of 34.8).
template <int R, int V, class A, class B>
__attribute__((noinline)) void multiply_tile(Result c, A a, B b, Index depth, Index width) {
    Vec tile[R][V];
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i)
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) tile[i][v] = Vec{};
    // Every cache line of c is prefetched, to arrive while the products are summed. (With only each
    // row's first line prefetched, 256 x 50257 x 768 runs at 143 GFLOP/s instead of 156 on Sapphire
    // Rapids.) A shallow product finishes too soon to gain from it: 64^3 would lose 3%.
    if (depth > 64) {
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) __builtin_prefetch(c.at(i, v * kLanes).data, 1);
            __builtin_prefetch(c.at(i, V * kLanes - 1).data, 1);  // rows may begin mid-line
        }
    }
#pragma GCC unroll 4
    for (Index k = 0; k < depth; ++k) {
        Vec row[V];
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) row[v] = b(k, v);
#pragma GCC unroll 16
        for (int i = 0; i < R; ++i) {
            const Vec x = splat_operand(a(i, k));
#pragma GCC unroll 4
            for (int v = 0; v < V; ++v) tile[i][v] = multiply_add(x, row[v], tile[i][v]);
        }
    }
    const bool accumulate = c.write == Write::accumulate;
#pragma GCC unroll 16
    for (int i = 0; i < R; ++i) {
#pragma GCC unroll 4
        for (int v = 0; v < V; ++v) {
            Real* out = c.at(i, v * kLanes).data;
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

// The same for any number of rows up to a whole tile: no work is done for rows that the last panel
// of a matrix does not have.
template <int V, class A>
void multiply_rows(Index rows, Result c, A a, RowsOfB b, Index depth, Index width) {
    switch (rows) {
        // clang-format off
#define GRADUS_ROWS(R) \
        case R: return multiply_tile<(R <= kMR ? R : 1), V>(c, a, b, depth, width);
        GRADUS_ROWS(1) GRADUS_ROWS(2) GRADUS_ROWS(3) GRADUS_ROWS(4) GRADUS_ROWS(5) GRADUS_ROWS(6)
        GRADUS_ROWS(7) GRADUS_ROWS(8) GRADUS_ROWS(9) GRADUS_ROWS(10) GRADUS_ROWS(11) GRADUS_ROWS(12)
        GRADUS_ROWS(13) GRADUS_ROWS(14)
#undef GRADUS_ROWS
        default: return;
        // clang-format on
    }
}

// The same for any number of rows and any width up to a whole tile: nor is any work done for vectors
// that lie entirely beyond `width`.
template <class A>
void multiply_part(Index rows, Index width, Result c, A a, RowsOfB b, Index depth) {
    if (width <= kLanes)
        multiply_rows<1>(rows, c, a, b, depth, width);
    else if (kTileVectors > 2 && width <= 2 * kLanes)
        multiply_rows<2>(rows, c, a, b, depth, width);
    else if (kTileVectors > 3 && width <= 3 * kLanes)
        multiply_rows<min(3, kTileVectors)>(rows, c, a, b, depth, width);
    else
        multiply_rows<kTileVectors>(rows, c, a, b, depth, width);
}

// The same with a in place, however it is stored.
inline void multiply_part(Index rows, Index width, Result c, View a, RowsOfB b, Index depth) {
    if (a.col == 1)
        multiply_part(rows, width, c, RowsOfA{a.data, a.row}, b, depth);
    else
        multiply_part(rows, width, c, RowsInPlace{a.data, a.row, a.col}, b, depth);
}

// The first kMR rows of c (N columns) = or += a b, with b in place and stored by rows: packs all of
// b along the way, so that its values arrive from L3 or memory while others are multiplied. For
// 256 x 3072 x 768 (Zen 5), packing in a separate pass takes 12% of the time; this way, it takes
// 3%.
template <class A>
void multiply_and_pack(Result c, A a, View b, Real* packed, Index N, Index depth) {
    Index n = 0;
    for (; n + kNR <= N; n += kNR)
        multiply_tile<kMR, kTileVectors>(
            c.at(0, n), a, RowsToPack{b.at(0, n).data, b.row, packed + n * depth}, depth, kNR);
    if (n == N) return;
    pack_b(packed + n * depth, b.at(0, n), depth, N - n);
    multiply_part(kMR, N - n, c.at(0, n), a, RowsOfB{packed + n * depth, kNR}, depth);
}

// c (M, N) = or += a b on this thread, from panels packed `depth` deep.
inline void multiply_packed(Result c, const Real* a, const Real* b, Index M, Index N, Index depth) {
    for (Index n = 0; n < N; n += kNR)
        for (Index m = 0; m < M; m += kMR)
            multiply_part(min(kMR, M - m), min(kNR, N - n), c.at(m, n), PackedRows{a + m * depth},
                          RowsOfB{b + n * depth, kNR}, depth);
}

// The panels of b, packed `depth` rows deep; a product may use only the first rows.
struct Panels {
    const Real* data;
    Index depth;
};

// c (M, N) = or += a b on this thread: a in place, the first K rows of b in panels.
GRADUS_INLINE void multiply_in_place(Result c, View a, Panels b, Index M, Index N, Index K) {
    for (Index n = 0; n < N; n += kNR)
        for (Index m = 0; m < M; m += kMR)
            multiply_part(min(kMR, M - m), min(kNR, N - n), c.at(m, n), a.at(m, 0),
                          RowsOfB{b.data + n * b.depth, kNR}, K);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
