// SPDX-License-Identifier: MIT
// Sums over an axis and broadcasting, each the gradient of the other. Long sums are split into
// chunks of fixed length whose partial sums are added in order: bit-for-bit identical at any thread
// count, and with less rounding error than one long chain.
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

namespace {

// y (inner) += the sum of `count` rows of `inner` values.
void add_rows(Real* y, const Real* x, Index count, Index inner) {
    for (Index i = 0; i < inner; i += kLanes) {
        const Index w = min(kLanes, inner - i);
        Vec total = load(y + i, w);
        for (Index j = 0; j < count; ++j) total += load(x + j * inner + i, w);
        store(y + i, total, w);
    }
}

}  // namespace

void sum_forward(Real* y, const Real* x, Index outer, Index n, Index inner) {
    // Rows of the middle axis per partial sum.
    const Index chunk = inner == 1 ? kGrain : 1 + kGrain / (inner + 1);
    const Index chunks = n <= chunk ? 1 : ceil_div(n, chunk);
    if (chunks == 1) {
        parallel_for(outer, row_grain(n * inner), [=](Index begin, Index end) {
            for (Index o = begin; o < end; ++o) {
                for (Index i = 0; i < inner; ++i) y[o * inner + i] = 0;
                if (inner == 1)
                    y[o] = row_sum(x + o * n, n);
                else
                    add_rows(y + o * inner, x + o * n * inner, n, inner);
            }
        });
        return;
    }
    for (Index o = 0; o < outer; ++o) {
        Real* partial = scratch(2, chunks * inner);
        parallel_for(chunks, 1, [=](Index begin, Index end) {
            for (Index k = begin; k < end; ++k) {
                const Index j = k * chunk, count = min(chunk, n - j);
                if (inner == 1) {
                    partial[k] = row_sum(x + o * n + j, count);
                } else {
                    for (Index i = 0; i < inner; ++i) partial[k * inner + i] = 0;
                    add_rows(partial + k * inner, x + (o * n + j) * inner, count, inner);
                }
            }
        });
        for (Index i = 0; i < inner; ++i) y[o * inner + i] = 0;
        add_rows(y + o * inner, partial, chunks, inner);
    }
}

void sum_backward(Real* dx, const Real* dy, Index outer, Index n, Index inner) {
    add_broadcast(dx, dy, outer, n, inner);
}

void add_broadcast(Real* y, const Real* x, Index outer, Index n, Index inner) {
    if (inner == 1) {
        parallel_for(outer, row_grain(n), [=](Index begin, Index end) {
            for (Index o = begin; o < end; ++o) {
                const Vec value = splat(x[o]);
                for (Index j = 0; j < n; j += kLanes) {
                    const Index w = min(kLanes, n - j);
                    store(y + o * n + j, load(y + o * n + j, w) + value, w);
                }
            }
        });
        return;
    }
    parallel_for(outer * n, row_grain(inner), [=](Index begin, Index end) {
        for (Index row = begin; row < end; ++row) {
            const Real* from = x + row / n * inner;
            for (Index i = 0; i < inner; i += kLanes) {
                const Index w = min(kLanes, inner - i);
                store(y + row * inner + i, load(y + row * inner + i, w) + load(from + i, w), w);
            }
        }
    });
}

void sum_squares(double* result, const Real* x, Index n) {
    const Index chunks = ceil_div(n, kGrain);
    double* partial = static_cast<double*>(
        thread_scratch(2, static_cast<__SIZE_TYPE__>(chunks + 1) * sizeof(double)));
    parallel_for(chunks, 1, [=](Index begin, Index end) {
        for (Index k = begin; k < end; ++k) {
            double lanes[8] = {};  // eight chains, so that additions overlap
            const Index last = min(n, (k + 1) * kGrain);
            Index i = k * kGrain;
            for (; i + 8 <= last; i += 8)
                for (int j = 0; j < 8; ++j)
                    lanes[j] += static_cast<double>(x[i + j]) * static_cast<double>(x[i + j]);
            for (; i < last; ++i) lanes[0] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
            partial[k] = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) +
                         ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        }
    });
    double sum = 0;
    for (Index k = 0; k < chunks; ++k) sum += partial[k];
    *result = sum;
}

GRADUS_KERNELS_END
