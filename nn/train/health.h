// SPDX-License-Identifier: MIT
// Is this training run going as it should? A verdict in words after every step, from rules that
// need nothing but the losses: no model, no clock.
#pragma once

#include <string>
#include <vector>

#include "tensor/real.h"

namespace gradus {

struct Health {
    enum class Kind { starting, normal, slow, diverging, leak, overfitting } kind = Kind::starting;
    std::string words = "starting";

    bool alarm() const { return kind != Kind::starting && kind != Kind::normal; }
};

std::string name(Health::Kind kind);  // "diverging"

// Where the smoothed losses of normal runs lie at one step. Infinite: no such end.
struct BandPoint {
    Index step;
    double low, high;
};

// Each rule has a margin wider than the noise of its number:
//   leak        floor known, and a validation loss is 5 standard errors below it (2 % of it for 128
//               stories of tales), or the smoothed loss 15 %, for batches may be small: of single
//               idioms, the noisiest, it strays by 2.5 %. Or the smoothed loss was below the
//               reference band at its last point.
//   diverging   the smoothed loss is 0.3 nats above the uniform baseline. At its first step a model
//               is less than 0.1 above, from there it can only be driven up. Where there is no
//               baseline: it is twice the loss of the first step.
//   slow        a fifth of the run is over, 100 steps at least, and the smoothed loss has fallen by
//               less than a tenth of the uniform baseline; where there is none, of the loss of the
//               first step. Or it was above the reference band at its last point.
//   overfitting validation has risen twice in a row, stands 2 % above its best, and training is
//               10 % below it.
class HealthMonitor {
 public:
    // uniform_baseline: ln V; floor: the entropy of the data; each negative if it is not known.
    // band: steps ascending; empty if there is no run to compare with.
    HealthMonitor(double uniform_baseline, double floor, Index steps,
                  std::vector<BandPoint> band = {});

    void step(double loss);  // of a training batch
    // Of held-out data; the error as evaluate() gives it, infinite if it is not known.
    void validated(double loss, double standard_error);
    Health verdict() const;

 private:
    void pass(const BandPoint& point);

    double uniform_baseline_, floor_;
    Index steps_, seen_ = 0;
    std::vector<BandPoint> band_;
    Health passed_{Health::Kind::normal, "normal"};  // of the last point of the band
    double smooth_ = 0;                              // mean of about the last 20 steps
    double first_ = 0;                               // loss of the first step
    double validation_ = -1, best_ = -1;
    bool below_floor_ = false;  // the validation loss, by more than chance
    int rises_ = 0;             // of the validation loss, in a row
};

}  // namespace gradus
