// SPDX-License-Identifier: MIT
// Layer normalisation, a row at a time.
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

void layer_norm_forward(Real* y, Real* mean, Real* rstd, const Real* x, const Real* gain,
                        const Real* bias, Real eps, Index rows, Index cols) {
    parallel_for(rows, row_grain(2 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            const Real* in = x + r * cols;
            Real* out = y + r * cols;
            const Real m = row_sum(in, cols) / static_cast<Real>(cols);
            const Real squares = sum_row(cols, [=](Index c, Index w) {
                const Vec d = load(in + c, w, m) - m;
                return d * d;
            });
            const Real s = 1 / sqrt(squares / static_cast<Real>(cols) + eps);
            each_in_row(cols, [=](Index c, Index w) {
                const Vec h = (load(in + c, w) - m) * s * load(gain + c, w);
                store(out + c, bias ? h + load(bias + c, w) : h, w);
            });
            mean[r] = m;
            rstd[r] = s;
        }
    });
}

void layer_norm_backward(Real* dx, Real* dgain, Real* dbias, const Real* dy, const Real* x,
                         const Real* mean, const Real* rstd, const Real* gain, Index rows,
                         Index cols) {
    // All rows add to dgain and dbias: each chunk of rows adds to its own sums, which are added in
    // order at the end.
    const Index grain = row_grain(2 * cols), chunks = ceil_div(rows, grain);
    Real* partial = scratch(2, 2 * chunks * cols);  // per chunk: dgain, then dbias
    parallel_for(rows, grain, [=](Index begin, Index end) {
        Real *gain_sum = partial + 2 * (begin / grain) * cols, *bias_sum = gain_sum + cols;
        for (Index c = 0; c < 2 * cols; ++c) gain_sum[c] = 0;
        for (Index r = begin; r < end; ++r) {
            const Real *in = x + r * cols, *grad = dy + r * cols;
            Real* out = dx + r * cols;
            const Real m = mean[r], s = rstd[r];
            // With h = (x - mean) rstd and dh = dy gain:
            // dx += rstd (dh - average(dh) - h average(dh h)).
            Vec dh_sum{}, dh_h_sum{};
            each_in_row(cols, [&](Index c, Index w) {
                const Vec g = load(grad + c, w), h = (load(in + c, w, m) - m) * s,
                          dh = g * load(gain + c, w);
                dh_sum += dh;
                dh_h_sum += dh * h;
                store(gain_sum + c, load(gain_sum + c, w) + g * h, w);
                store(bias_sum + c, load(bias_sum + c, w) + g, w);
            });
            const Real dh_mean = horizontal_sum(dh_sum) / static_cast<Real>(cols);
            const Real dh_h_mean = horizontal_sum(dh_h_sum) / static_cast<Real>(cols);
            each_in_row(cols, [=](Index c, Index w) {
                const Vec h = (load(in + c, w) - m) * s, dh = load(grad + c, w) * load(gain + c, w);
                store(out + c, load(out + c, w) + s * (dh - dh_mean - h * dh_h_mean), w);
            });
        }
    });
    for (Index k = 0; k < chunks; ++k) {
        const Real *gain_sum = partial + 2 * k * cols, *bias_sum = gain_sum + cols;
        each_in_row(cols, [=](Index c, Index w) {
            store(dgain + c, load(dgain + c, w) + load(gain_sum + c, w), w);
            if (dbias) store(dbias + c, load(dbias + c, w) + load(bias_sum + c, w), w);
        });
    }
}

GRADUS_KERNELS_END
