// SPDX-License-Identifier: MIT
// Root mean square normalisation, a row at a time.
#include "tensor/kernels/gemm.h"
#include "tensor/kernels/rows.h"

GRADUS_KERNELS_BEGIN

void rms_norm_forward(Real* y, Real* rstd, const Real* x, const Real* gain, Real eps, Index rows,
                      Index cols) {
    parallel_for(rows, row_grain(2 * cols), [=](Index begin, Index end) {
        for (Index r = begin; r < end; ++r) {
            const Real* in = x + r * cols;
            Real* out = y + r * cols;
            const Real s = 1 / sqrt(row_dot(in, in, cols) / static_cast<Real>(cols) + eps);
            each_in_row(cols, [=](Index c, Index w) {
                store(out + c, load(in + c, w) * s * load(gain + c, w), w);
            });
            rstd[r] = s;
        }
    });
}

void rms_norm_backward(Real* dx, Real* dgain, const Real* dy, const Real* x, const Real* rstd,
                       const Real* gain, Index rows, Index cols) {
    // All rows add to dgain: each chunk of rows adds to its own sums, which are added in order at
    // the end.
    const Index grain = row_grain(2 * cols), chunks = ceil_div(rows, grain);
    Real* partial = scratch(2, chunks * cols);
    parallel_for(rows, grain, [=](Index begin, Index end) {
        Real* gain_sum = partial + begin / grain * cols;
        for (Index c = 0; c < cols; ++c) gain_sum[c] = 0;
        for (Index r = begin; r < end; ++r) {
            const Real *in = x + r * cols, *grad = dy + r * cols;
            Real* out = dx + r * cols;
            const Real s = rstd[r];
            // With h = x rstd and dh = dy gain: dx += rstd (dh - h average(dh h)).
            Vec dh_h_sum{};
            each_in_row(cols, [&](Index c, Index w) {
                const Vec g = load(grad + c, w), h = load(in + c, w) * s;
                dh_h_sum += g * load(gain + c, w) * h;
                store(gain_sum + c, load(gain_sum + c, w) + g * h, w);
            });
            const Real dh_h_mean = horizontal_sum(dh_h_sum) / static_cast<Real>(cols);
            each_in_row(cols, [=](Index c, Index w) {
                const Vec h = load(in + c, w) * s, dh = load(grad + c, w) * load(gain + c, w);
                store(out + c, load(out + c, w) + s * (dh - h * dh_h_mean), w);
            });
        }
    });
    for (Index k = 0; k < chunks; ++k)
        each_in_row(cols, [=](Index c, Index w) {
            store(dgain + c, load(dgain + c, w) + load(partial + k * cols + c, w), w);
        });
}

GRADUS_KERNELS_END
