// SPDX-License-Identifier: MIT
// What attention adds to the matrix product of gemm.h: packing a transposed matrix by squares, and
// the masks of a tile that the diagonal crosses.
#pragma once

#include "tensor/kernels/gemm.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// Of the numbers of a and b in turn, a first: the first half, and the second.
inline Quad zip_low(Quad a, Quad b) {
#ifdef GRADUS_DOUBLE
    return __builtin_shufflevector(a, b, 0, 2);
#else
    return __builtin_shufflevector(a, b, 0, 4, 1, 5);
#endif
}
inline Quad zip_high(Quad a, Quad b) {
#ifdef GRADUS_DOUBLE
    return __builtin_shufflevector(a, b, 1, 3);
#else
    return __builtin_shufflevector(a, b, 2, 6, 3, 7);
#endif
}

// out(i, j) = in(j, i) for a square of kQuad x kQuad numbers: zipping the upper half of the rows
// with the lower half moves the last bit of a column's number to the front of the row's;
// log2(kQuad) times exchanges the two.
inline void transpose_square(Real* out, Index out_row, const Real* in, Index in_row) {
    Quad rows[kQuad], zipped[kQuad];
    for (Index i = 0; i < kQuad; ++i) __builtin_memcpy(&rows[i], in + i * in_row, sizeof(Quad));
    for (Index step = 1; step < kQuad; step *= 2) {
        for (Index i = 0; i < kQuad / 2; ++i) {
            zipped[2 * i] = zip_low(rows[i], rows[i + kQuad / 2]);
            zipped[2 * i + 1] = zip_high(rows[i], rows[i + kQuad / 2]);
        }
        for (Index i = 0; i < kQuad; ++i) rows[i] = zipped[i];
    }
    for (Index i = 0; i < kQuad; ++i) __builtin_memcpy(out + i * out_row, &rows[i], sizeof(Quad));
}

// pack_b for b = in^T (depth, N), `in` being N rows of `depth` numbers. A number at a time costs
// one store each, and packing k and v then a twentieth of a pass at T 64; squares cost a quarter of
// it.
inline void pack_transposed(Real* out, const Real* in, Index in_row, Index depth, Index N) {
    for (Index n = 0; n < N; n += kTileCols, out += kTileCols * depth) {
        if (N - n < kTileCols || depth % kQuad != 0) {
            pack_cols(out, {in + n * in_row, 1, in_row}, depth, min(kTileCols, N - n));
            continue;
        }
        for (Index j = 0; j < kTileCols; j += kQuad)
            for (Index k = 0; k < depth; k += kQuad)
                transpose_square(out + k * kTileCols + j, kTileCols, in + (n + j) * in_row + k,
                                 in_row);
    }
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
