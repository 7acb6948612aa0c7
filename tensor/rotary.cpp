// SPDX-License-Identifier: MIT
#include "tensor/rotary.h"

#include <cmath>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

namespace {

// Runs body(i, j, cosine, sine) for each pair of numbers that rotates.
template <class Body>
void each_pair(const Real* cosine, const Real* sine, const RotaryShape& s, Body body) {
    for (Index b = 0; b < s.B; ++b)
        for (Index t = 0; t < s.T; ++t)
            for (Index h = 0; h < s.heads; ++h) {
                const Index vector = ((b * s.T + t) * s.all + h) * s.size;
                const Index angle = (t + (s.offset ? s.offset[b] : 0)) * s.half;
                for (Index i = 0; i < s.half; ++i) {
                    const Index first = vector + (s.adjacent ? 2 * i : i);
                    body(first, first + (s.adjacent ? 1 : s.half), cosine[angle + i],
                         sine[angle + i]);
                }
            }
}

}  // namespace

void rotary_forward(Real* y, const Real* x, const Real* cosine, const Real* sine,
                    const RotaryShape& s) {
    for (Index i = 0; i < s.B * s.T * s.all * s.size; ++i) y[i] = x[i];
    each_pair(cosine, sine, s, [=](Index i, Index j, Real c, Real si) {
        y[i] = x[i] * c - x[j] * si;
        y[j] = x[i] * si + x[j] * c;
    });
}

// The gradient rotates back: the inverse of a rotation is its transpose.
void rotary_backward(Real* dx, const Real* dy, const Real* cosine, const Real* sine,
                     const RotaryShape& s) {
    for (Index row = 0; row < s.B * s.T * s.all; ++row) {
        const Index rotated = row % s.all < s.heads ? 2 * s.half : 0;
        for (Index i = row * s.size + rotated; i < (row + 1) * s.size; ++i) dx[i] += dy[i];
    }
    each_pair(cosine, sine, s, [=](Index i, Index j, Real c, Real si) {
        dx[i] += dy[i] * c + dy[j] * si;
        dx[j] += dy[j] * c - dy[i] * si;
    });
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

// x^n by squaring.
double power(double x, Index n) {
    double y = 1;
    for (; n > 0; n /= 2, x *= x)
        if (n % 2 == 1) y *= x;
    return y;
}

// base^(-1/n), by Newton's method on 1 / (base r^n) = 1: from above 1, where it falls towards the
// root, each step at least by a factor of 1 - 1/n.
double inverse_root(double base, Index n) {
    double r = 1;
    for (int i = 0; i < 100000; ++i) {
        const double next = r - r * (1 - 1 / (base * power(r, n))) / static_cast<double>(n);
        if (!(next < r)) break;
        r = next;
    }
    return r;
}

struct Angle {
    double cosine, sine;
};

// By Taylor's series around the nearest multiple of pi / 2, which is subtracted in two parts: the
// first has 33 bits, so that multiples up to 2^20 are exact. Off by at most 2e-16.
Angle turn(double angle) {
    const double quarters = std::floor(angle * 0.6366197723675814 + 0.5);
    const double r = (angle - quarters * 0x1.921FB544p+0) - quarters * 0x1.0B4611A626331p-34;
    double sine = 0, cosine = 0;
    for (int n = 17; n > 1; n -= 2) {
        sine = (1 - sine) * r * r / (n * (n - 1));
        cosine = (1 - cosine) * r * r / ((n - 1) * (n - 2));
    }
    sine = r - r * sine, cosine = 1 - cosine;
    switch (static_cast<Index>(quarters) & 3) {
        case 0:
            return {cosine, sine};
        case 1:
            return {-sine, cosine};
        case 2:
            return {-cosine, -sine};
        default:
            return {sine, -cosine};
    }
}

RotaryShape shape_of(const Tensor& x, const RotaryTable& table, const RotaryOptions& options) {
    require(x.rank() == 3 && options.size >= 1 && x.size(2) % options.size == 0,
            "rotary: needs (B, T, vectors of {} numbers), got {}", options.size, x.shape());
    const Index all = x.size(2) / options.size, half = table.cosine.size(1);
    require(options.heads >= 0 && options.heads <= all, "rotary: {} heads of {}", options.heads,
            all);
    require(2 * half <= options.size, "rotary: a table for {} numbers, and vectors of {}", 2 * half,
            options.size);
    require(options.offsets.empty() || static_cast<Index>(options.offsets.size()) == x.size(0),
            "rotary: {} offsets for {} sequences", options.offsets.size(), x.size(0));
    Index furthest = 0;
    for (Index offset : options.offsets) {
        require(offset >= 0, "rotary: an offset of {}", offset);
        furthest = std::max(furthest, offset);
    }
    require(furthest + x.size(1) <= table.cosine.size(0),
            "rotary: position {} is beyond the table of {}", furthest + x.size(1) - 1,
            table.cosine.size(0));
    return {x.size(0),
            x.size(1),
            all,
            options.heads > 0 ? options.heads : all,
            options.size,
            half,
            options.pairs == RotaryPairs::adjacent,
            options.offsets.empty() ? nullptr : options.offsets.data()};
}

}  // namespace

RotaryTable rotary_table(Index positions, Index size, double base,
                         const std::vector<double>& stretch) {
    require(positions >= 0 && size >= 2 && size % 2 == 0,
            "rotary: {} positions of {} numbers, which must be even", positions, size);
    require(base > 1 && std::isfinite(base), "rotary: base {}, must be above 1", base);
    const Index half = size / 2;
    require(stretch.empty() || static_cast<Index>(stretch.size()) == half,
            "rotary: {} stretches for {} pairs", stretch.size(), half);
    const double ratio = inverse_root(base, half);
    RotaryTable table{Tensor::empty({positions, half}), Tensor::empty({positions, half})};
    for (Index i = 0; i < half; ++i) {
        const double factor = stretch.empty() ? 1 : stretch[static_cast<std::size_t>(i)];
        require(factor > 0 && std::isfinite(factor), "rotary: factor {}, must be above 0", factor);
        const double frequency = power(ratio, i) / factor;
        for (Index t = 0; t < positions; ++t) {
            const Angle angle = turn(static_cast<double>(t) * frequency);
            table.cosine.at(t, i) = static_cast<Real>(angle.cosine);
            table.sine.at(t, i) = static_cast<Real>(angle.sine);
        }
    }
    return table;
}

Tensor rotary_forward(const Tensor& x, const RotaryTable& table, const RotaryOptions& options) {
    const RotaryShape shape = shape_of(x, table, options);
    Tensor y = Tensor::empty(x.shape());
    ops().rotary_forward(y.data(), x.data(), table.cosine.data(), table.sine.data(), shape);
    return y;
}

void rotary_backward(const Tensor& dy, const RotaryTable& table, const RotaryOptions& options,
                     const Tensor& dx) {
    require(dy.shape() == dx.shape(), "rotary_backward: dy is {}, dx is {}", dy.shape(),
            dx.shape());
    ops().rotary_backward(dx.data(), dy.data(), table.cosine.data(), table.sine.data(),
                          shape_of(dy, table, options));
}

}  // namespace gradus
