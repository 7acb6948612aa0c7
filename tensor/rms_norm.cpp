// SPDX-License-Identifier: MIT
#include "tensor/rms_norm.h"

#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void rms_norm_forward(Real* y, Real* rstd, const Real* x, const Real* gain, Real eps, Index rows,
                      Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, y += cols) {
        Real squares = 0;
        for (Index c = 0; c < cols; ++c) squares += x[c] * x[c];
        rstd[r] = 1 / std::sqrt(squares / static_cast<Real>(cols) + eps);
        for (Index c = 0; c < cols; ++c) y[c] = x[c] * rstd[r] * gain[c];
    }
}

void rms_norm_backward(Real* dx, Real* dgain, const Real* dy, const Real* x, const Real* rstd,
                       const Real* gain, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, dx += cols, dy += cols, x += cols) {
        // With h = x rstd and dh = dy gain, the gradient loses its component along h, the direction
        // that the forward pass removes: dx += rstd (dh - h average(dh h)).
        Real dh_h_sum = 0;
        for (Index c = 0; c < cols; ++c) {
            const Real h = x[c] * rstd[r];
            dh_h_sum += dy[c] * gain[c] * h;
            dgain[c] += dy[c] * h;
        }
        const Real dh_h_mean = dh_h_sum / static_cast<Real>(cols);
        for (Index c = 0; c < cols; ++c)
            dx[c] += rstd[r] * (dy[c] * gain[c] - x[c] * rstd[r] * dh_h_mean);
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

RmsNormForward rms_norm_forward(const Tensor& x, const Tensor& gain, Real eps) {
    require(eps >= 0, "rms_norm: eps {}, must be 0 or above", eps);
    require(x.rank() >= 1 && gain.shape() == Shape({x.size(-1)}),
            "rms_norm: gain {} must have one number per channel of x {}", gain.shape(), x.shape());
    RmsNormForward f{Tensor::empty(x.shape()), Tensor::empty({x.rows()})};
    ops().rms_norm_forward(f.y.data(), f.rstd.data(), x.data(), gain.data(), eps, x.rows(),
                           x.size(-1));
    return f;
}

void rms_norm_backward(const Tensor& dy, const Tensor& x, const RmsNormForward& f,
                       const Tensor& gain, const Tensor& dx, const Tensor& dgain) {
    require(dy.shape() == x.shape() && dx.shape() == x.shape() && dgain.shape() == gain.shape(),
            "rms_norm_backward: shapes differ: dy {}, x {}, dx {}, gain {}, dgain {}", dy.shape(),
            x.shape(), dx.shape(), gain.shape(), dgain.shape());
    ops().rms_norm_backward(dx.data(), dgain.data(), dy.data(), x.data(), f.rstd.data(),
                            gain.data(), x.rows(), x.size(-1));
}

}  // namespace gradus
