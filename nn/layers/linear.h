// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "autograd/matmul.h"
#include "nn/module.h"
#include "tensor/stored_weight.h"

namespace gradus {

enum class Bias { no, yes };

// y = x weight + bias.   x: (..., IN) -> (..., OUT)
struct Linear {
    Variable weight;      // (IN, OUT)
    Variable bias;        // (OUT), or undefined
    StoredWeight stored;  // in place of the weight after store()

    Linear() = default;
    // weight ~ N(0, stddev^2), bias 0. The default 1/sqrt(IN) preserves the input's variance
    // (LeCun et al. 1998).
    Linear(Index in, Index out, Initialiser& init, Bias with_bias = Bias::yes, double stddev = 0)
        : weight(init.normal({in, out},
                             stddev > 0 ? stddev : 1 / std::sqrt(static_cast<double>(in)))) {
        if (with_bias == Bias::yes) bias = Initialiser::constant({out}, 0);
    }

    Variable operator()(const Variable& x) const {
        return stored.defined() ? linear(x, stored, bias) : linear(x, weight, bias);
    }
    Index in() const { return stored.defined() ? stored.in() : weight.shape()[0]; }
    Index out() const { return stored.defined() ? stored.out() : weight.shape()[1]; }

    // Keeps the weight in this format and drops the floats; from then on it is only read. In int8,
    // q8_0 and q4_0 as (OUT, IN), so that the values that are summed share their scales.
    void store(WeightFormat format) {
        require(weight.defined(), "linear: the weight is stored already, in {}",
                to_string(stored.format));
        const Tensor w = weight.value();
        store(in_blocks(format) ? gradus::store(transpose_forward(w), format, WeightLayout::out_in)
                                : gradus::store(w, format, WeightLayout::in_out));
    }
    // Takes these values instead. Throws std::invalid_argument if they are of another size.
    void store(const StoredWeight& values) {
        require(values.in() == in() && values.out() == out(),
                "linear: a stored weight with {} in and {} out, but {} and {} are needed",
                values.in(), values.out(), in(), out());
        stored = values;
        weight = {};
    }
    // Drops the values, which load() then leaves in a file (nn/files/weights/weights.h).
    void unload() { store({WeightFormat::f32, WeightLayout::in_out, in(), out(), {}, {}}); }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("weight", stored);
        visit("bias", bias);
    }
};

}  // namespace gradus
