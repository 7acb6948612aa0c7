// SPDX-License-Identifier: MIT
// Softmax and cross-entropy, row by row. The exponentials cost the most: about 15 operations each.
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

void softmax_forward(Real* y, const Real* x, Index rows, Index cols) {
    parallel_for(rows, row_grain(4 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            Real* out = y + r * cols;
            const Real sum = exp_row(out, x + r * cols, cols, row_max(x + r * cols, cols));
            const Real inverse = 1 / sum;
            each_in_row(cols,
                        [=](Index c, Index w) { store(out + c, load(out + c, w) * inverse, w); });
        }
    });
}

void softmax_backward(Real* dx, const Real* dy, const Real* y, Index rows, Index cols) {
    parallel_for(rows, row_grain(2 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            const Real *p = y + r * cols, *dp = dy + r * cols;
            Real* out = dx + r * cols;
            const Real dot = row_dot(p, dp, cols);
            each_in_row(cols, [=](Index c, Index w) {
                store(out + c, load(out + c, w) + load(p + c, w) * (load(dp + c, w) - dot), w);
            });
        }
    });
}

void cross_entropy_forward(Real* loss, Real* lse, const Real* x, const int* target, Index rows,
                           Index cols) {
    parallel_for(rows, row_grain(4 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            const Real* row = x + r * cols;
            const Real max = row_max(row, cols);
            Vec sum{};
            each_in_row(cols, [&](Index c, Index w) {
                sum += exp_below(load(row + c, w, kMinusInfinity) - max);
            });
            lse[r] = max + log(horizontal_sum(sum));
            loss[r] = target[r] < 0 ? 0 : lse[r] - row[target[r]];
        }
    });
}

void cross_entropy_backward(Real* dx, Real scale, const Real* x, const Real* lse, const int* target,
                            Index rows, Index cols) {
    parallel_for(rows, row_grain(4 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            if (target[r] < 0) continue;
            const Real *row = x + r * cols, shift = lse[r];
            Real* out = dx + r * cols;
            each_in_row(cols, [=](Index c, Index w) {
                store(out + c, load(out + c, w) + scale * exp_below(load(row + c, w) - shift), w);
            });
            out[target[r]] -= scale;
        }
    });
}

GRADUS_KERNELS_END
