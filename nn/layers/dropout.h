// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/dropout.h"
#include "nn/module.h"

namespace gradus {

// In train mode, zeroes each element with probability `rate` and scales the rest by 1 / (1 - rate);
// otherwise returns its input.
struct Dropout {
    Real rate = 0;

    Variable operator()(const Variable& x) const {
        return rate > 0 && TrainMode::active() ? dropout(x, rate, TrainMode::next_dropout_key())
                                               : x;
    }
    void parameters(auto&&) {}
};

}  // namespace gradus
