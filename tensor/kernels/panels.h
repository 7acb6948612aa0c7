// SPDX-License-Identifier: MIT
// Panels: the packed form of a product's operands (Goto, van de Geijn 2008, "Anatomy of
// high-performance matrix multiplication"; BLIS, Van Zee, van de Geijn 2015, from which we take the
// names MR, NR, MC, KC and NC). A panel is MR rows of a or NR columns of b, laid out so that the
// micro-kernel (gemm.h) reads it from front to back.
#pragma once

#include "tensor/kernels/simd.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// The tile: kMR rows by kTileVectors vectors. AVX-512: 14 x 2 accumulators + 2 of b + 1
// broadcast of a = 31 of 32 registers; AVX2 and SSE: 6 x 2 + 2 + 1 = 15 of 16. Each step in k does
// 28 (12) multiply-adds for 16 (8) loads. arm64: 6 x 4 + 4 + up to 4 values of a = 32 of 32, and 24
// multiply-adds for 10 loads; values of a are not broadcast, as NEON multiplies by one lane. Four
// pipes with a latency of 4 cycles (Apple M1, Neoverse V1) need 16 accumulators, so 6 x 2 would
// leave a quarter of them idle. 8 x 3 is as fast but takes 11 loads, and no width of a power of two
// is a multiple of its 12 columns; 12 x 2 takes 14.
#if defined(GRADUS_ISA_avx512)
constexpr int kMR = 14, kTileVectors = 2;
#elif defined(__aarch64__)
constexpr int kMR = 6, kTileVectors = 4;
#else
constexpr int kMR = 6, kTileVectors = 2;
#endif
constexpr Index kNR = kTileVectors * kLanes;
// Depth of a packed block. A panel of b is read once for every panel of a: 384 x 16 floats are 24
// KiB and stay in an L1 cache of 32 KiB. With AVX-512, a panel of 96 KiB is read from L2, at 9 of
// the 32 or more bytes per cycle that L2 can deliver, but the greater depth saves passes over c
// (256 x 3072 x 768 on a Zen 5: 89% of peak at depth 384, 90% at 512, 92% at 768 and 1024).
#if defined(GRADUS_ISA_avx512)
constexpr Index kKC = 768;
#else
constexpr Index kKC = 384;
#endif

// The length of each part when n is split into equal parts of at most `most`, rounded up to a
// multiple of `unit`. 384 columns become 192 + 192, not 256 + 128.
inline Index equal_part(Index n, Index most, Index unit) {
    return ceil_div(ceil_div(n, ceil_div(n, most)), unit) * unit;
}

// Element (i, j) is data[i * row + j * col]; transposing a matrix swaps its two strides.
struct View {
    const Real* data;
    Index row, col;
    View at(Index i, Index j) const { return {data + i * row + j * col, row, col}; }
    View transposed() const { return {data, col, row}; }
};

// Squares are transposed a line at a time. A line is a vector with AVX-512 and sixteen bytes
// elsewhere, because AVX2 interleaves vectors only within sixteen bytes. The index lists below
// interleave two lines, starting with the first: LOW their first halves, HIGH their second halves.
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

// Transposes a square of kLine x kLine. Zipping the upper half of the lines with the lower half
// rotates the bits of (line index, column index) left by one; doing this log2(kLine) times swaps
// the two indices.
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

// out(i, j) = in(j, i) for kLine columns of `in` and up to kLine of its rows; the other columns of
// `out` are set to zero.
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

// Copies the first n of Width values and sets the others to zero.
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
        // If a panel has fewer rows than a square, each line overwrites the excess of the previous
        // one, and the last lines of the panel are not written by squares.
        for (; (k + kLine - 1) * Width + kLine <= depth * Width; k += kLine)
            for (Index i = 0; i < Width; i += kRows) {
                const Index at = min(i, Width - kRows);
                transpose_square(out + k * Width + at, Width, x.at(at, k).data, x.row, kRows);
            }
    }
    for (; k < depth; ++k)
        for (Index i = 0; i < Width; ++i) out[k * Width + i] = i < n ? *x.at(i, k).data : Real(0);
}

inline Index packed_cols_count(Index N, Index depth) {
    return ceil_div(N, kNR) * kNR * depth;
}

// Packs x in panels of Width rows each, with zeros below the last row. If x is stored by columns,
// several panels are packed side by side: runs of 512 bytes are read from memory faster than runs
// of 56. Not inlined: the squares fill the registers, and in a function that keeps much alive they
// would be spilled (attention, 12 x 64 x 128 under AVX-512: 2% of forward).
template <int Width>
__attribute__((noinline)) void pack_panels(Real* out, View x, Index rows, Index depth) {
    constexpr Index kSide = 512 / sizeof(Real) / Width * Width;
    const Index whole = x.row == 1 ? rows / Width * Width : 0;
    for (Index m = 0; m < whole; m += kSide) {
        const Index side = min(kSide, whole - m);
        for (Index k = 0; k < depth; ++k)
            for (Index i = m; i < m + side; i += Width) {
                // The runs are too far apart for the hardware prefetcher to predict the next one.
                __builtin_prefetch(x.at(i, k + 16).data);
                copy_run<Width>(out + i * depth + k * Width, x.at(i, k).data, Width);
            }
    }
    for (Index m = whole; m < rows; m += Width)
        pack<Width>(out + m * depth, x.at(m, 0), min(Width, rows - m), depth);
}

inline void pack_a(Real* out, View a, Index M, Index depth) {
    pack_panels<kMR>(out, a, M, depth);
}
inline void pack_b(Real* out, View b, Index depth, Index N) {
    pack_panels<kNR>(out, b.transposed(), N, depth);
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
