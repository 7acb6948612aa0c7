// SPDX-License-Identifier: MIT
// Is this training run going as it should? A verdict in words after every step, from rules that
// need nothing but the losses: no model, no clock.
#pragma once

#include <string>

#include "tensor/real.h"

namespace gradus {

struct Verdict {
    enum class Kind { starting, normal, slow, diverging, leak, overfitting } kind = Kind::starting;
    std::string words = "starting";

    bool alarm() const { return kind != Kind::starting && kind != Kind::normal; }
};

std::string name(Verdict::Kind kind);  // "diverging"

// Losses are in nats per token. Each rule has a margin wider than the noise of its number:
//   leak        floor known, and the smoothed loss or a validation loss is 15 % below it. A mean
//               over a few hundred stories lies within 2 % of its expectation.
//   diverging   the smoothed loss is 0.3 above knowing nothing. At its first step a model is less
//               than 0.1 above, from there it can only be driven up.
//   slow        a fifth of the run is over, 100 steps at least, and the smoothed loss has not
//   fallen
//               by a tenth of what knowing nothing costs.
//   overfitting validation has risen twice in a row, stands 2 % above its best, and training is
//               10 % below it.
class Health {
 public:
    // know_nothing: ln V. floor: the least possible loss; negative if it is not known.
    Health(double know_nothing, double floor, Index steps);

    void step(double loss);       // of a training batch
    void validated(double loss);  // of held-out data
    Verdict verdict() const;

 private:
    double know_nothing_, floor_;
    Index steps_, seen_ = 0;
    double smooth_ = 0;  // mean of about the last 20 steps
    double validation_ = -1, best_ = -1;
    int rises_ = 0;  // of the validation loss, in a row
};

}  // namespace gradus
