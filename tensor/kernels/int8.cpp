// SPDX-License-Identifier: MIT
// 8-bit weights. A block is summed in integers: one instruction (pmaddwd) does 16 products of an
// 8-bit weight and a 16-bit x, 32 with AVX-512, and the two scales multiply only the sum.
// bench: decode_bench.
#include "tensor/int8_block.h"
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

namespace {

constexpr Index kHalf = 16;  // rows of weights are padded to a multiple of this (int8_row)
#if defined(GRADUS_ISA_avx512)
constexpr Index kWeights = 2 * kHalf;  // multiplied at a time
#else
constexpr Index kWeights = kHalf;
#endif
constexpr Index kSums = kWeights / 2;
typedef std::int32_t Ints __attribute__((vector_size(kSums * sizeof(std::int32_t))));
typedef Real Sums __attribute__((vector_size(kSums * sizeof(Real))));

// The products of the first n of kWeights weights and values of x, summed in pairs. n is kWeights,
// or kHalf at the end of a row.
inline Ints multiply_pairs(const std::int8_t* q, const std::int16_t* x, Index n) {
#if defined(GRADUS_ISA_avx512)
    const auto wanted = static_cast<__mmask32>(n == kWeights ? ~0u : (1u << kHalf) - 1);
    return (Ints)_mm512_madd_epi16(_mm512_cvtepi8_epi16(_mm256_maskz_loadu_epi8(wanted, q)),
                                   _mm512_maskz_loadu_epi16(wanted, x));
#elif defined(GRADUS_ISA_avx2)
    static_cast<void>(n);
    const __m256i weights =
        _mm256_cvtepi8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(q)));
    return (Ints)_mm256_madd_epi16(weights,
                                   _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)));
#else
    static_cast<void>(n);
    Ints sum{};
    for (int i = 0; i < kSums; ++i) sum[i] = q[2 * i] * x[2 * i] + q[2 * i + 1] * x[2 * i + 1];
    return sum;
#endif
}

// The quantisation step of a block of n values: the largest magnitude maps to `top`.
inline Real step_of(const Real* x, Index n, int top) {
    Vec largest{}, spoilt{};
    each_in_row(n, [&](Index i, Index w) {
        const Vec v = load(x + i, w);
        largest = max(largest, max(v, -v));
        spoilt += v - v;  // 0, but NaN if v is infinite or NaN
    });
    const Real step = horizontal_max(largest) / static_cast<Real>(top);
    constexpr Real kSmallest = sizeof(Real) == 4 ? Real(__FLT_MIN__) : Real(__DBL_MIN__);
    return (step < kSmallest ? 0 : step) + horizontal_sum(spoilt);
}

// Rounds a row of K values to whole multiples of one step per block, and pads it with zeros to
// int8_row(K). A plain loop: both compilers vectorise it.
template <class Small>
void round_row(Small* q, Real* steps, const Real* x, Index K, int top) {
    for (Index k = 0; k < K; k += kInt8Block, q += kInt8Block, ++steps) {
        const Index n = min(kInt8Block, K - k);
        const Real step = step_of(x + k, n, top), divisor = step > 0 ? step : Real(1);
        for (Index i = 0; i < n; ++i) {
            const Real steps_of_x = step > 0 ? x[k + i] / divisor : Real(0);
            q[i] = static_cast<Small>(
                static_cast<std::int32_t>(steps_of_x + (steps_of_x < 0 ? Real(-0.5) : Real(0.5))));
        }
        for (Index i = n; i < int8_row(n); ++i) q[i] = 0;
        *steps = step;
    }
}

// sum[r] += the products of n weights and n values of row r of x; n is a multiple of kHalf.
template <int R>
inline void multiply_block(Ints* sum, const std::int16_t* x, Index x_row, const std::int8_t* q,
                           Index n) {
#pragma GCC unroll 8
    for (Index i = 0; i < n; i += kWeights)
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r)
            sum[r] += multiply_pairs(q + i, x + r * x_row + i, min(kWeights, n - i));
}

// R rows of x in 16 bits, `row` values each, and their steps, times one row of weights: y[0],
// y[y_row], ...
template <int R>
void multiply_row(Real* y, Index y_row, const std::int16_t* x, const Real* steps,
                  const std::int8_t* q, const Real* scale, Index row) {
    // Rows of 768 bytes are too short for the hardware prefetcher to predict the next one: weights
    // are prefetched this many bytes ahead, into L2 (locality 2), from where loading them costs no
    // extra time. GB/s for matrices of 110 MB on two threads of Sapphire Rapids, 8 KiB ahead: 17
    // without prefetching, 24 into L1, 12 bypassing the caches (locality 0), 30 into L2, as fast as
    // plain reading. On one core of a Zen 1: 8.9 with prefetching, 5.7 without. Speedup per token
    // over floats on a Zen 5: 3.7 at 2 KiB ahead, 3.7 at 4 KiB, 3.5 at 8 KiB, 3.3 at 16 KiB.
    constexpr Index kAhead = 4096;
    const Index blocks = int8_blocks(row);
    Sums total[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) total[r] = Sums{};
    for (Index block = 0; block < blocks; ++block) {
        const Index k = block * kInt8Block;
        Ints sum[R];
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r) sum[r] = Ints{};
        __builtin_prefetch(q + k + kAhead, 0, 2);
        __builtin_prefetch(q + k + kAhead + 64, 0, 2);
        if (row - k >= kInt8Block)  // with a constant length, so that it is unrolled
            multiply_block<R>(sum, x + k, row, q + k, kInt8Block);
        else
            multiply_block<R>(sum, x + k, row, q + k, row - k);
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r)
            total[r] +=
                __builtin_convertvector(sum[r], Sums) * (scale[block] * steps[r * blocks + block]);
    }
    for (int r = 0; r < R; ++r) y[r * y_row] = horizontal_sum(total[r]);
}

}  // namespace

void quantise_int8(std::int8_t* q, Real* scale, const Real* w, Index rows, Index K) {
    const Index blocks = int8_blocks(K);
    parallel_for(rows, row_grain(K), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r)
            round_row(q + r * int8_row(K), scale + r * blocks, w + r * K, K, 127);
    });
}

void dequantise_int8(Real* w, const std::int8_t* q, const Real* scale, Index rows, Index K) {
    const Index blocks = int8_blocks(K);
    parallel_for(rows, row_grain(K), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            for (Index block = 0; block < blocks; ++block) {
                const std::int8_t* from = q + r * int8_row(K) + block * kInt8Block;
                const Real step = scale[r * blocks + block];
                Real* to = w + r * K + block * kInt8Block;
                const Index n = min(kInt8Block, K - block * kInt8Block);
                for (Index i = 0; i < n; ++i) to[i] = step * static_cast<Real>(from[i]);
            }
        }
    });
}

void matmul_int8(Real* y, const Real* x, const std::int8_t* q, const Real* scale, Index M, Index N,
                 Index K) {
    if (K == 0) return each_vector(M * N, [=](Index i, Index w) { store(y + i, Vec{}, w); });
    const Index blocks = int8_blocks(K), row = int8_row(K);
    auto* rounded = static_cast<std::int16_t*>(
        thread_scratch(0, static_cast<__SIZE_TYPE__>(M * row) * sizeof(std::int16_t)));
    Real* steps = scratch(1, M * blocks);
    parallel_for(M, row_grain(K), [=](Index begin, Index end) {
        for (Index m = begin; m < end; ++m)
            round_row(rounded + m * row, steps + m * blocks, x + m * K, K, 32767);
    });

    // 192 rows of weights per chunk, 144 KiB at K = 768: what is prefetched past a chunk's end
    // belongs to another thread's chunk, so chunks are long (two cores of a Zen 5: 2.6 ms per token
    // with 64 rows, 2.1 with 192). Many rows of x are taken 16 at a time, so that both operands
    // stay in the L2 cache.
    constexpr Index kRows = 192, kBlock = 16;
    parallel_for(N, kRows * (1 + kGrain / (kRows * row)), [=](Index begin, Index end) {
        for (Index m0 = 0; m0 < M; m0 += kBlock) {
            for (Index n = begin; n < end; ++n) {
                const std::int8_t* weights = q + n * row;
                const Real* its_scale = scale + n * blocks;
                const Index last = min(M, m0 + kBlock);
                Index m = m0;
                for (; m + 4 <= last; m += 4)
                    multiply_row<4>(y + m * N + n, N, rounded + m * row, steps + m * blocks,
                                    weights, its_scale, row);
                for (; m < last; ++m)
                    multiply_row<1>(y + m * N + n, N, rounded + m * row, steps + m * blocks,
                                    weights, its_scale, row);
            }
        }
    });
}

GRADUS_KERNELS_END
