// SPDX-License-Identifier: MIT
// Lesson 19: norm and residual.
#pragma once

#include "lessons/19-norm/given.h"

namespace mine {

inline void layer_norm_forward(Real* y, Real* mean, Real* rstd, const Real* x, const Real* gain,
                               const Real* bias, Real eps, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r) {
        Real sum = 0, squares = 0;
        for (Index c = 0; c < cols; ++c) sum += x[r * cols + c];
        const Real m = sum / static_cast<Real>(cols);
        for (Index c = 0; c < cols; ++c) squares += (x[r * cols + c] - m) * (x[r * cols + c] - m);
        mean[r] = m;
        rstd[r] = 1 / std::sqrt(squares / static_cast<Real>(cols) + eps);
        for (Index c = 0; c < cols; ++c)
            y[r * cols + c] = (x[r * cols + c] - m) * rstd[r] * gain[c] + bias[c];
    }
}

inline void layer_norm_backward(Real* dx, Real* dgain, Real* dbias, const Real* dy, const Real* x,
                                const Real* mean, const Real* rstd, const Real* gain, Index rows,
                                Index cols) {
    for (Index r = 0; r < rows; ++r) {
        Real d_sum = 0, dz_sum = 0;
        for (Index c = 0; c < cols; ++c) {
            const Real z = (x[r * cols + c] - mean[r]) * rstd[r];
            dbias[c] += dy[r * cols + c];
            dgain[c] += dy[r * cols + c] * z;
            d_sum += dy[r * cols + c] * gain[c];
            dz_sum += dy[r * cols + c] * gain[c] * z;
        }
        const Real d_mean = d_sum / static_cast<Real>(cols);
        const Real dz_mean = dz_sum / static_cast<Real>(cols);
        for (Index c = 0; c < cols; ++c) {
            const Real zc = (x[r * cols + c] - mean[r]) * rstd[r];
            const Real d = dy[r * cols + c] * gain[c];
            dx[r * cols + c] += rstd[r] * (d - d_mean - zc * dz_mean);
        }
    }
}

inline Variable residual(const std::vector<Sublayer>& sublayers, Variable x) {
    for (const auto& sublayer : sublayers) x = x + sublayer(x);
    return x;
}

}  // namespace mine
