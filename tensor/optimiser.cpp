// SPDX-License-Identifier: MIT
#include "tensor/optimiser.h"

#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void sgd_step(Real* w, const Real* g, Real* velocity, Real lr, Real momentum, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real direction = velocity ? velocity[i] = momentum * velocity[i] + g[i] : g[i];
        w[i] -= lr * direction;
    }
}

void adamw_step(Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2, Real eps,
                Real decay, Real correction1, Real correction2, Real grad_scale, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real gradient = g[i] * grad_scale;
        m[i] = beta1 * m[i] + (1 - beta1) * gradient;
        v[i] = beta2 * v[i] + (1 - beta2) * gradient * gradient;
        // Decoupled: the decay is not part of the gradient, so it is not divided by sqrt(v).
        w[i] -= lr * decay * w[i];
        w[i] -= lr * (m[i] / correction1) / (std::sqrt(v[i] / correction2) + eps);
    }
}

void lion_step(Real* w, const Real* g, Real* m, Real lr, Real beta1, Real beta2, Real decay,
               Real grad_scale, Index n) {
    for (Index i = 0; i < n; ++i) {
        const Real gradient = g[i] * grad_scale;
        const Real mean = beta1 * m[i] + (1 - beta1) * gradient;
        const Real sign = mean > 0 ? Real(1) : mean < 0 ? Real(-1) : mean;  // 0, or NaN
        w[i] -= lr * (sign + decay * w[i]);
        m[i] = beta2 * m[i] + (1 - beta2) * gradient;
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

void sgd_step(const Tensor& w, const Tensor& g, const Tensor& velocity, Real lr, Real momentum) {
    require(w.shape() == g.shape(), "sgd_step: gradient {} for parameter {}", g.shape(), w.shape());
    require(velocity.defined() || momentum == 0, "sgd_step: momentum {} needs a velocity tensor",
            momentum);
    ops().sgd_step(w.data(), g.data(), velocity.data(), lr, momentum, w.count());
}

void adamw_step(const Tensor& w, const Tensor& g, const Tensor& m, const Tensor& v,
                const AdamWStep& s) {
    require(w.shape() == g.shape() && w.shape() == m.shape() && w.shape() == v.shape(),
            "adamw_step: shapes differ: w {}, g {}, m {}, v {}", w.shape(), g.shape(), m.shape(),
            v.shape());
    require(s.step >= 1, "adamw_step: steps are counted from 1, got {}", s.step);
    // 1 - beta^t in double: for small t, beta^t is close to 1 and float would lose digits.
    const auto t = static_cast<double>(s.step);
    ops().adamw_step(w.data(), g.data(), m.data(), v.data(), s.lr, s.beta1, s.beta2, s.eps, s.decay,
                     static_cast<Real>(1 - std::pow(static_cast<double>(s.beta1), t)),
                     static_cast<Real>(1 - std::pow(static_cast<double>(s.beta2), t)), s.grad_scale,
                     w.count());
}

void lion_step(const Tensor& w, const Tensor& g, const Tensor& m, const LionStep& s) {
    require(w.shape() == g.shape() && w.shape() == m.shape(),
            "lion_step: shapes differ: w {}, g {}, m {}", w.shape(), g.shape(), m.shape());
    ops().lion_step(w.data(), g.data(), m.data(), s.lr, s.beta1, s.beta2, s.decay, s.grad_scale,
                    w.count());
}

}  // namespace gradus
