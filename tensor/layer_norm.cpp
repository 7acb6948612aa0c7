// SPDX-License-Identifier: MIT
// Rows are independent. The variance takes a second pass over the row: E[x^2] - mean^2 would suffer
// from cancellation.
#include "tensor/layer_norm.h"

#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void layer_norm_forward(Real* y, Real* mean, Real* rstd, const Real* x, const Real* gain,
                        const Real* bias, Real eps, Index rows, Index cols) {
    for (Index r = 0; r < rows; ++r, x += cols, y += cols) {
        Real sum = 0, squares = 0;
        for (Index c = 0; c < cols; ++c) sum += x[c];
        mean[r] = sum / static_cast<Real>(cols);
        for (Index c = 0; c < cols; ++c) squares += (x[c] - mean[r]) * (x[c] - mean[r]);
        rstd[r] = 1 / std::sqrt(squares / static_cast<Real>(cols) + eps);
        for (Index c = 0; c < cols; ++c)
            y[c] = (x[c] - mean[r]) * rstd[r] * gain[c] + (bias ? bias[c] : 0);
    }
}

void layer_norm_backward(Real* dx, Real* dgain, Real* dbias, const Real* dy, const Real* x,
                         const Real* mean, const Real* rstd, const Real* gain, Index rows,
                         Index cols) {
    for (Index r = 0; r < rows; ++r, dx += cols, dy += cols, x += cols) {
        // With h = (x - mean) rstd and dh = dy gain, the gradient loses its components along
        // (1, ..., 1) and h, the two directions that the forward pass removes:
        // dx += rstd (dh - average(dh) - h average(dh h)).
        Real dh_sum = 0, dh_h_sum = 0;
        for (Index c = 0; c < cols; ++c) {
            const Real h = (x[c] - mean[r]) * rstd[r], dh = dy[c] * gain[c];
            dh_sum += dh;
            dh_h_sum += dh * h;
            dgain[c] += dy[c] * h;
            if (dbias) dbias[c] += dy[c];
        }
        const Real dh_mean = dh_sum / static_cast<Real>(cols),
                   dh_h_mean = dh_h_sum / static_cast<Real>(cols);
        for (Index c = 0; c < cols; ++c) {
            const Real h = (x[c] - mean[r]) * rstd[r];
            dx[c] += rstd[r] * (dy[c] * gain[c] - dh_mean - h * dh_h_mean);
        }
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

LayerNormForward layer_norm_forward(const Tensor& x, const Tensor& gain, const Tensor& bias,
                                    Real eps) {
    require(eps >= 0, "layer_norm: eps {}, must be 0 or above", eps);
    require(x.rank() >= 1 && gain.shape() == Shape({x.size(-1)}) &&
                (!bias.defined() || bias.shape() == gain.shape()),
            "layer_norm: gain {} and bias {} must have one number per channel of x {}",
            gain.shape(), bias.shape(), x.shape());
    LayerNormForward f{Tensor::empty(x.shape()), Tensor::empty({x.rows()}),
                       Tensor::empty({x.rows()})};
    ops().layer_norm_forward(f.y.data(), f.mean.data(), f.rstd.data(), x.data(), gain.data(),
                             bias.data(), eps, x.rows(), x.size(-1));
    return f;
}

void layer_norm_backward(const Tensor& dy, const Tensor& x, const LayerNormForward& f,
                         const Tensor& gain, const Tensor& dx, const Tensor& dgain,
                         const Tensor& dbias) {
    require(dy.shape() == x.shape() && dx.shape() == x.shape() && dgain.shape() == gain.shape(),
            "layer_norm_backward: shapes differ: dy {}, x {}, dx {}, gain {}, dgain {}", dy.shape(),
            x.shape(), dx.shape(), gain.shape(), dgain.shape());
    ops().layer_norm_backward(dx.data(), dgain.data(), dbias.data(), dy.data(), x.data(),
                              f.mean.data(), f.rstd.data(), gain.data(), x.rows(), x.size(-1));
}

}  // namespace gradus
