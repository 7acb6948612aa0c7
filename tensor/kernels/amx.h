// SPDX-License-Identifier: MIT
// Products of bf16 values with AMX, the matrix unit of Sapphire Rapids and later: eight registers,
// each a tile of 16 rows of 64 bytes. One instruction, tdpbf16ps, adds to a tile of 16 x 16 floats
// the product of 16 x 32 values of a and 32 x 16 of b: 16384 operations in 16 cycles, sixteen times
// the rate of float multiply-adds (Intel, "Intrinsics Guide" and optimisation manual, chapter 20).
// At that rate, packing is half the work, so values are rounded as they are packed.
//
// A tile holds pairs of values that are adjacent in k, 32 bits per pair: row i of a tile of a is
// row i of a, 16 pairs along k; row p of a tile of b holds the pair k = 2p, 2p + 1 of each of
// 16 columns.
#pragma once

#include "tensor/kernels/bf16.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// c is computed in squares of 2 x 2 tiles: four loads for four products.
constexpr Index kSquare = 32;

// c (M, N) = or += a b on this thread.
using MultiplyRectangle = void (*)(Result c, View a, View b, Index M, Index N, Index K);

#if defined(GRADUS_ISA_avx512) && !defined(GRADUS_DOUBLE)

#define GRADUS_AMX __attribute__((target("avx512bf16,amx-tile,amx-bf16")))

constexpr Index kTileSide = 16, kTileDepth = 32, kTileBytes = 64;
constexpr Index kTileSize = kTileSide * kTileSide;  // floats, or pairs
// A strip of b, kSquare columns wide and this deep, occupies 32 KiB as pairs and stays in L1.
constexpr Index kTilesDepth = 512;

// 32 values as 16 adjacent pairs.
GRADUS_AMX inline Vec pairs_along(Vec first, Vec second) {
    return (Vec)_mm512_cvtne2ps_pbh(second, first);
}
// 16 pairs (first[i], second[i]).
GRADUS_AMX inline Vec pairs_across(Vec first, Vec second) {
    typedef short Halves __attribute__((vector_size(kTileBytes)));
    const auto both = (Halves)_mm512_cvtne2ps_pbh(second, first);
    return (Vec)__builtin_shufflevector(both, both, GRADUS_ZIP_LOW, GRADUS_ZIP_HIGH);
}

enum class Side { a, b };

// One tile of x(i, k), i < n rows of a or columns of b, k < depth; zeros beyond. x is read in the
// direction that is contiguous in memory; if the tile needs the other direction, the pairs are
// transposed.
template <Side side>
GRADUS_AMX void pack_tile(Real* out, View x, Index n, Index depth) {
    Vec line[kTileSide];
    if (x.col == 1) {  // line i: 32 values along k
        for (Index i = 0; i < kTileSide; ++i) {
            const Real* row = x.at(i, 0).data;
            const Index first = min(depth, kLanes), second = depth - first;
            line[i] = i < n ? pairs_along(load(row, first),
                                          second > 0 ? load(row + kLanes, second) : Vec{})
                            : Vec{};
        }
    } else {  // line p: 16 values across, for k = 2p and 2p + 1
        const Index width = min(n, kLanes), deep = n > 0 ? depth : 0;
        for (Index p = 0; p < kTileSide; ++p) {
            const Index k = 2 * p;
            line[p] = pairs_across(k < deep ? load(x.at(0, k).data, width) : Vec{},
                                   k + 1 < deep ? load(x.at(0, k + 1).data, width) : Vec{});
        }
    }
    if ((x.col == 1) != (side == Side::a)) transpose_lines(line);
    for (Index i = 0; i < kTileSide; ++i) store(out + i * kLanes, line[i]);
}

// Packs x in strips of kTileSide rows of a or columns of b, each a row of tiles along k; zeros make
// the number of strips even.
template <Side side>
GRADUS_AMX void pack_tiles(Real* out, View x, Index n, Index depth) {
    for (Index i = 0; i < ceil_div(n, kSquare) * kSquare; i += kTileSide)
        for (Index k = 0; k < depth; k += kTileDepth, out += kTileSize)
            pack_tile<side>(out, x.at(i, k), n - i, min(kTileDepth, depth - k));
}

// c (32, 32) = or += two strips of a times two of b, `tiles` tiles deep.
GRADUS_AMX inline void multiply_square(Result c, const Real* a, const Real* b, Index tiles) {
    const auto c_step = static_cast<long>(c.row * static_cast<Index>(sizeof(Real)));
    Real *above = c.data, *below = c.at(kTileSide, 0).data;
    const Real *a1 = a + tiles * kTileSize, *b1 = b + tiles * kTileSize;
    if (c.write == Write::accumulate) {
        _tile_loadd(0, above, c_step);
        _tile_loadd(1, above + kTileSide, c_step);
        _tile_loadd(2, below, c_step);
        _tile_loadd(3, below + kTileSide, c_step);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (Index k = 0; k < tiles * kTileSize; k += kTileSize) {
        _tile_loadd(4, a + k, kTileBytes);
        _tile_loadd(6, b + k, kTileBytes);
        _tile_loadd(5, a1 + k, kTileBytes);
        _tile_loadd(7, b1 + k, kTileBytes);
        _tile_dpbf16ps(0, 4, 6);
        _tile_dpbf16ps(1, 4, 7);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, above, c_step);
    _tile_stored(1, above + kTileSide, c_step);
    _tile_stored(2, below, c_step);
    _tile_stored(3, below + kTileSide, c_step);
}

// Copies `rows` rows of `cols` values.
inline void copy_block(Real* to, Index to_row, const Real* from, Index from_row, Index rows,
                       Index cols) {
    for (Index r = 0; r < rows; ++r)
        for (Index c = 0; c < cols; c += kLanes) {
            const Index width = min(kLanes, cols - c);
            store(to + r * to_row + c, load(from + r * from_row + c, width), width);
        }
}

// multiply_square() for the last rows and columns of c: computes a whole square in a buffer and
// copies `rows` x `cols` of it to c.
GRADUS_AMX inline void multiply_edge(Result c, const Real* a, const Real* b, Index tiles,
                                     Index rows, Index cols) {
    alignas(64) Real square[kSquare * kSquare] = {};
    if (c.write == Write::accumulate) copy_block(square, kSquare, c.data, c.row, rows, cols);
    multiply_square({square, kSquare, c.write}, a, b, tiles);
    copy_block(c.data, c.row, square, kSquare, rows, cols);
}

// Eight tiles of 16 rows of 64 bytes, as ldtilecfg expects them.
struct TileShapes {
    unsigned char palette = 1, start_row = 0, reserved[14] = {};
    unsigned short row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

GRADUS_AMX void multiply_by_tiles(Result c, View a, View b, Index M, Index N, Index K) {
    const Index depth_step = equal_part(K, kTilesDepth, kTileDepth);
    const Index strips_b = ceil_div(N, kSquare) * kSquare;
    Real* packed_a = scratch(0, kSquare * depth_step / 2);
    Real* packed_b = scratch(1, strips_b * depth_step / 2);
    const TileShapes shapes;
    _tile_loadconfig(&shapes);
    for (Index k = 0; k < K; k += depth_step) {
        const Index depth = min(depth_step, K - k), tiles = ceil_div(depth, kTileDepth);
        pack_tiles<Side::b>(packed_b, b.at(k, 0).transposed(), N, depth);
        for (Index m = 0; m < M; m += kSquare) {
            pack_tiles<Side::a>(packed_a, a.at(m, k), min(kSquare, M - m), depth);
            for (Index n = 0; n < N; n += kSquare) {
                const Real* strips = packed_b + n / kTileSide * tiles * kTileSize;
                const Index rows = min(kSquare, M - m), cols = min(kSquare, N - n);
                const Result square = c.from(k).at(m, n);
                if (rows == kSquare && cols == kSquare)
                    multiply_square(square, packed_a, strips, tiles);
                else
                    multiply_edge(square, packed_a, strips, tiles, rows, cols);
            }
        }
    }
    _tile_release();
}

#undef GRADUS_AMX

// Null if AMX is missing or not to be used.
inline MultiplyRectangle bf16_by_tiles() {
    return bf16_unit() == Bf16Unit::tiles ? multiply_by_tiles : nullptr;
}

#else

inline MultiplyRectangle bf16_by_tiles() {
    return nullptr;
}

#endif

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
