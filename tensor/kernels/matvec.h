// SPDX-License-Identifier: MIT
// Products with only a few rows on the left: the vectors of one or a few tokens times a weight
// matrix. Each weight then takes part in only as many multiply-adds as there are rows, so the time
// taken is that of reading the weights once; packing them (gemm.h) would add a write and another
// read. Therefore nothing is packed here: the weights are read in place, front to back. bench:
// decode_bench.
#pragma once

#include "tensor/kernels/gemm.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace GRADUS_ISA {
namespace {

// y[r] = dot(x, row r of w) for R consecutive rows of K values each. Eight accumulators, or four
// for a single row, are enough to hide the latency of multiply-adds (4 or 5 cycles at 2 per cycle).
template <int R>
void dot_rows(Real* y, const Real* x, const Real* w, Index K) {
    constexpr int kSums = R == 1 ? 4 : 2;
    Vec sum[R][kSums];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
        for (int s = 0; s < kSums; ++s) sum[r][s] = Vec{};
    Index k = 0;
    for (; k + kSums * kLanes <= K; k += kSums * kLanes) {
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r)
#pragma GCC unroll 4
            for (int s = 0; s < kSums; ++s)
                sum[r][s] += load(x + k + s * kLanes) * load(w + r * K + k + s * kLanes);
    }
    for (; k < K; k += kLanes) {
        const Index width = min(kLanes, K - k);
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r) sum[r][0] += load(x + k, width) * load(w + r * K + k, width);
    }
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) {
#pragma GCC unroll 4
        for (int s = 1; s < kSums; ++s) sum[r][0] += sum[r][s];
        y[r] = horizontal_sum(sum[r][0]);
    }
}

// y[r] = dot(x, row r of w) for any number of rows. Long rows are read one after another, the
// fastest order for memory (32000 x 768 on one core of a Zen 5: 37 of 41 GB/s, but only 32 with
// four rows side by side).
inline void dot_rows(Real* y, const Real* x, const Real* w, Index rows, Index K) {
    constexpr Index kLong = 256;
    Index r = 0;
    for (; K < kLong && r + 4 <= rows; r += 4) dot_rows<4>(y + r, x, w + r * K, K);
    for (; r < rows; ++r) dot_rows<1>(y + r, x, w + r * K, K);
}

// y (N) += x[0] row 0 of w + ... + x[R - 1] row R - 1. With four rows, y is read and written only
// once per four multiply-adds.
template <int R>
void add_rows(Real* y, const Real* x, const Real* w, Index N) {
    constexpr Index kStep = 2 * kLanes;
    Vec factor[R];
#pragma GCC unroll 4
    for (int r = 0; r < R; ++r) factor[r] = splat(x[r]);
    Index n = 0;
    for (; n + kStep <= N; n += kStep) {
        Vec even = load(y + n), odd = load(y + n + kLanes);
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r) {
            const Real* row = w + r * N + n;
            even += factor[r] * load(row);
            odd += factor[r] * load(row + kLanes);
        }
        store(y + n, even);
        store(y + n + kLanes, odd);
    }
    for (; n < N; n += kLanes) {
        const Index width = min(kLanes, N - n);
        Vec sum = load(y + n, width);
#pragma GCC unroll 4
        for (int r = 0; r < R; ++r) sum += factor[r] * load(w + r * N + n, width);
        store(y + n, sum, width);
    }
}

// y[m] (N) += a[m] w for M rows a[m], a_row apart, each with `rows` values, one for each row of w.
inline void add_rows(Real* y, const Real* a, Index a_row, const Real* w, Index M, Index rows,
                     Index N) {
    Index k = 0;
    for (; k + 4 <= rows; k += 4)
        for (Index m = 0; m < M; ++m) add_rows<4>(y + m * N, a + m * a_row + k, w + k * N, N);
    for (; k < rows; ++k)
        for (Index m = 0; m < M; ++m) add_rows<1>(y + m * N, a + m * a_row + k, w + k * N, N);
}

// c (M,N) = or += a b^T with b stored as (N,K): each element of c is a dot product of two rows.
inline void multiply_by_dots(Output c, const Real* a, const Real* b, Index M, Index N, Index K) {
    constexpr Index kRows = 128;  // of b per chunk, at minimum: 384 KiB at K = 768
    parallel_for(N, kRows * (1 + kGrain / (kRows * K)), [=](Index begin, Index end) {
        Real dots[4];
        for (Index n = begin; n < end; n += 4) {
            const Index rows = min(4, end - n);
            for (Index m = 0; m < M; ++m) {
                dot_rows(dots, a + m * K, b + n * K, rows, K);
                for (Index r = 0; r < rows; ++r) {
                    Real& out = c.data[m * N + n + r];
                    out = c.write == Write::accumulate ? out + dots[r] : dots[r];
                }
            }
        }
    });
}

// c (M,N) = or += a b with b stored as (K,N). A chunk is a range of rows of b, so that it reads one
// contiguous piece of memory; a strip of columns from each row would be read at half the speed.
// Each chunk computes its own partial sum of c, and these are added in order.
inline void multiply_by_rows(Output c, const Real* a, const Real* b, Index M, Index N, Index K) {
    constexpr Index kRows = 96;  // at minimum: the chunks' sums are then 2% of the data read
    const Index rows = kRows * (1 + kGrain / (kRows * N)), chunks = ceil_div(K, rows);
    const bool direct = chunks == 1 && c.write == Write::overwrite;
    Real* sums = direct ? c.data : scratch(0, chunks * M * N);
    parallel_for(chunks, 1, [=](Index begin, Index end) {
        for (Index chunk = begin; chunk < end; ++chunk) {
            Real* sum = sums + chunk * M * N;
            const Index k = chunk * rows;
            for (Index i = 0; i < M * N; i += kLanes) store(sum + i, Vec{}, min(kLanes, M * N - i));
            add_rows(sum, a + k, K, b + k * N, M, min(rows, K - k), N);
        }
    });
    if (direct) return;
    parallel_for(M * N, kGrain / 8, [=](Index begin, Index end) {
        for (Index i = begin; i < end; i += kLanes) {
            const Index width = min(kLanes, end - i);
            Vec sum = c.write == Write::accumulate ? load(c.data + i, width) : Vec{};
            for (Index chunk = 0; chunk < chunks; ++chunk)
                sum += load(sums + chunk * M * N + i, width);
            store(c.data + i, sum, width);
        }
    });
}

}  // namespace
}  // namespace GRADUS_ISA
}  // namespace GRADUS_PRECISION
}  // namespace gradus
