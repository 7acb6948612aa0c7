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

// Where the smoothed losses of normal runs lie at one step: nats per token. Infinite: no such end.
struct BandPoint {
    Index step;
    double low, high;
};

// Losses are in nats per token. Each rule has a margin wider than the noise of its number:
//   leak        floor known, and a validation loss is 5 standard errors below it (2 % of it for 128
//               stories of tales), or the smoothed loss 15 %, for batches may be small: of single
//               idioms, the noisiest, it strays by 2.5 %. Or the smoothed loss was below the
//               corridor at its last waypoint.
//   diverging   the smoothed loss is 0.3 above knowing nothing. At its first step a model is less
//               than 0.1 above, from there it can only be driven up.
//   slow        a fifth of the run is over, 100 steps at least, and the smoothed loss has fallen by
//               less than a tenth of what knowing nothing costs. Or it was above the corridor at
//               its last waypoint.
//   overfitting validation has risen twice in a row, stands 2 % above its best, and training is
//               10 % below it.
class HealthMonitor {
 public:
    // uniform_baseline: ln V. floor: the least possible loss; negative if it is not known.
    // corridor: steps ascending; empty if there is no run to compare with.
    HealthMonitor(double uniform_baseline, double floor, Index steps,
                  std::vector<BandPoint> corridor = {});

    void step(double loss);  // of a training batch
    // Of held-out data; the error as evaluate() gives it, infinite if it is not known.
    void validated(double loss, double standard_error);
    Health verdict() const;

 private:
    void pass(const BandPoint& waypoint);

    double uniform_baseline_, floor_;
    Index steps_, seen_ = 0;
    std::vector<BandPoint> band_;
    Health passed_{Health::Kind::normal, "normal"};  // of the last waypoint
    double smooth_ = 0;                              // mean of about the last 20 steps
    double validation_ = -1, best_ = -1;
    bool below_floor_ = false;  // the validation loss, by more than chance
    int rises_ = 0;             // of the validation loss, in a row
};

}  // namespace gradus
