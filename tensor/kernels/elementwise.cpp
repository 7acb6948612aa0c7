// SPDX-License-Identifier: MIT
// Elementwise operations, a vector at a time. All but those that need exp are memory-bound, at 4
// bytes per value read or written. log calls the system's log lane by lane: it is not on a hot
// path.
#include "tensor/kernels/dropout.h"

GRADUS_KERNELS_BEGIN

void add(Real* y, const Real* a, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, load(a + i, w) + load(b + i, w), w); });
}
void sub(Real* y, const Real* a, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, load(a + i, w) - load(b + i, w), w); });
}
void mul(Real* y, const Real* a, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, load(a + i, w) * load(b + i, w), w); });
}
void div(Real* y, const Real* a, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, load(a + i, w) / load(b + i, w), w); });
}
void add_scaled(Real* y, const Real* x, Real s, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, load(y + i, w) + s * load(x + i, w), w); });
}
void add_product(Real* y, const Real* a, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) {
        store(y + i, load(y + i, w) + load(a + i, w) * load(b + i, w), w);
    });
}
void mul_scalar(Real* y, const Real* x, Real s, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, s * load(x + i, w), w); });
}

void div_backward(Real* da, Real* db, const Real* dy, const Real* y, const Real* b, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec share = load(dy + i, w) / load(b + i, w);
        if (da) store(da + i, load(da + i, w) + share, w);
        if (db) store(db + i, load(db + i, w) - share * load(y + i, w), w);
    });
}

void exp_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, exp(load(x + i, w)), w); });
}
void exp_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    add_product(dx, dy, y, n);
}

void log_forward(Real* y, const Real* x, Index n) {
    parallel_for(n, kGrain, [=](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
            y[i] = static_cast<Real>(sizeof(Real) == 4 ? __builtin_logf(static_cast<float>(x[i]))
                                                       : __builtin_log(x[i]));
    });
}
void log_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        store(dx + i, load(dx + i, w) + load(dy + i, w) / load(x + i, w), w);
    });
}

void sqrt_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, sqrt(load(x + i, w)), w); });
}
void sqrt_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    each_vector(n, [=](Index i, Index w) {
        store(dx + i, load(dx + i, w) + load(dy + i, w) / (2 * load(y + i, w)), w);
    });
}

void tanh_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, tanh(load(x + i, w)), w); });
}
void tanh_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec t = load(y + i, w);
        store(dx + i, load(dx + i, w) + load(dy + i, w) * (1 - t * t), w);
    });
}

void sigmoid_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) { store(y + i, sigmoid(load(x + i, w)), w); });
}
void sigmoid_backward(Real* dx, const Real* dy, const Real* y, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec s = load(y + i, w);
        store(dx + i, load(dx + i, w) + load(dy + i, w) * s * (1 - s), w);
    });
}

void relu_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec v = load(x + i, w);
        store(y + i, select(v > 0, v, Vec{}), w);
    });
}
void relu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        store(dx + i, load(dx + i, w) + select(load(x + i, w) > 0, load(dy + i, w), Vec{}), w);
    });
}

namespace {

constexpr Real kGelu = Real(0.7978845608028654), kCube = Real(0.044715);  // sqrt(2/pi)

// e^-2u with u = sqrt(2/pi) (x + 0.044715 x^3), the argument of gelu's tanh.
inline Vec gelu_exp(Vec x) {
    return exp(x * (-2 * kGelu - 2 * kGelu * kCube * x * x));
}

}  // namespace

// x/2 (1 + tanh u) = x sigmoid(2u) = x / (1 + e^-2u): one exp and one division.
void gelu_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec v = load(x + i, w);
        store(y + i, v / (1 + gelu_exp(v)), w);
    });
}
// With s = sigmoid(2u): s + x s (1 - s) 2 du/dx.
void gelu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec v = load(x + i, w);
        const Vec s = 1 / (1 + gelu_exp(v));
        const Vec slope = s + v * s * (1 - s) * (2 * kGelu + 6 * kGelu * kCube * v * v);
        store(dx + i, load(dx + i, w) + load(dy + i, w) * slope, w);
    });
}

void silu_forward(Real* y, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec v = load(x + i, w);
        store(y + i, v / (1 + exp(-v)), w);
    });
}
// With s = sigmoid(x): s + x s (1 - s).
void silu_backward(Real* dx, const Real* dy, const Real* x, Index n) {
    each_vector(n, [=](Index i, Index w) {
        const Vec v = load(x + i, w);
        const Vec s = sigmoid(v);
        store(dx + i, load(dx + i, w) + load(dy + i, w) * s * (1 + v * (1 - s)), w);
    });
}

namespace {

// x / (1 - rate) in the lanes that are kept, 0 in the others, whatever x holds there.
inline Vec dropped(Vec x, std::uint64_t key, Index i, std::uint32_t threshold, Real scale) {
    const Vec factor = kept(key, static_cast<std::uint64_t>(i), threshold, scale);
    return select(factor > 0, x * factor, Vec{});
}

}  // namespace

void dropout_forward(Real* y, const Real* x, Real rate, std::uint64_t key, Index n) {
    const auto threshold = dropout_threshold(rate);
    const Real scale = 1 / (1 - rate);
    each_vector(n, [=](Index i, Index w) {
        store(y + i, dropped(load(x + i, w), key, i, threshold, scale), w);
    });
}
void dropout_backward(Real* dx, const Real* dy, Real rate, std::uint64_t key, Index n) {
    const auto threshold = dropout_threshold(rate);
    const Real scale = 1 / (1 - rate);
    each_vector(n, [=](Index i, Index w) {
        store(dx + i, load(dx + i, w) + dropped(load(dy + i, w), key, i, threshold, scale), w);
    });
}

void sgd_step(Real* w, const Real* g, Real* velocity, Real lr, Real momentum, Index n) {
    each_vector(n, [=](Index i, Index width) {
        Vec direction = load(g + i, width);
        if (velocity) {
            direction += momentum * load(velocity + i, width);
            store(velocity + i, direction, width);
        }
        store(w + i, load(w + i, width) - lr * direction, width);
    });
}

// 16 bytes read (w, g, m, v) and 12 written per weight.
void adamw_step(Real* w, const Real* g, Real* m, Real* v, Real lr, Real beta1, Real beta2, Real eps,
                Real decay, Real correction1, Real correction2, Real grad_scale, Index n) {
    const Real step = lr / correction1, root = 1 / sqrt(correction2);
    each_vector(n, [=](Index i, Index width) {
        const Vec gradient = load(g + i, width) * grad_scale;
        const Vec mean = beta1 * load(m + i, width) + (1 - beta1) * gradient;
        const Vec square = beta2 * load(v + i, width) + (1 - beta2) * gradient * gradient;
        store(m + i, mean, width);
        store(v + i, square, width);
        const Vec weight = load(w + i, width);
        store(w + i, weight - lr * decay * weight - step * mean / (sqrt(square) * root + eps),
              width);
    });
}

// 12 bytes read (w, g, m) and 8 written per weight.
void lion_step(Real* w, const Real* g, Real* m, Real lr, Real beta1, Real beta2, Real decay,
               Real grad_scale, Index n) {
    each_vector(n, [=](Index i, Index width) {
        const Vec gradient = load(g + i, width) * grad_scale, moment = load(m + i, width);
        const Vec mean = beta1 * moment + (1 - beta1) * gradient;
        const Vec sign = select(mean > 0, splat(1), select(mean < 0, splat(-1), mean));
        const Vec weight = load(w + i, width);
        store(w + i, weight - lr * (sign + decay * weight), width);
        store(m + i, beta2 * moment + (1 - beta2) * gradient, width);
    });
}

GRADUS_KERNELS_END
