// SPDX-License-Identifier: MIT
// Is this training run going as it should? A verdict in words after every step, by rules that
// need only the losses: no model, no clock.
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

// The range of normal runs' smoothed loss at one step. Infinite: no limit on that side.
struct BandPoint {
    Index step;
    double low, high;
};

// Each rule has a margin wider than the noise in what it measures:
//   leak        the floor is known, and the last validation loss is more than 5 standard errors
//               below it (2% on 128 stories from `tales`), or the smoothed loss is more than 15% below
//               it. That margin is wide because batches may be small: with single idioms, the
//               noisiest data, the smoothed loss strays by 2.5%. Alternatively, the smoothed loss
//               was below the reference band at the last point that the run has passed.
//   diverging   the smoothed loss is more than 0.3 nats above the uniform baseline. An untrained
//               model is less than 0.1 above it; anything higher was driven up by training. Without
//               a baseline: the smoothed loss is more than twice the loss of the first step.
//   slow        at least 100 steps, and at least a fifth of the run, are done, and the smoothed loss is still
//               above nine tenths of the uniform baseline or, without a baseline, of the first
//               step's loss. Alternatively, the smoothed loss was above the reference band at the
//               last point that the run has passed.
//   overfitting the validation loss has risen twice in a row and is more than 2% above its lowest
//               value, and the smoothed loss is more than 10% below the validation loss.
class HealthMonitor {
 public:
    // uniform_baseline: ln V; floor: the entropy of the data; either is negative if unknown.
    // band: in ascending order of step; empty if there are no runs to compare with. trained: the model
    // has learnt before, so it may begin anywhere and move little; the baseline and the first rule for
    // "slow" do not apply.
    HealthMonitor(double uniform_baseline, double floor, Index steps,
                  std::vector<BandPoint> band = {}, bool trained = false);

    void step(double loss);  // on a training batch
    // On held-out data; standard_error as evaluate() returns it, infinite if unknown.
    void validated(double loss, double standard_error);
    Health verdict() const;

 private:
    void pass(const BandPoint& point);

    double uniform_baseline_, floor_;
    Index steps_, seen_ = 0;
    std::vector<BandPoint> band_;
    Health passed_{Health::Kind::normal, "normal"};  // at the last point of the band passed
    double smooth_ = 0;                              // mean of about the last 20 steps
    double first_ = 0;                               // loss of the first step
    double validation_ = -1, best_ = -1;
    bool trained_;
    bool below_floor_ = false;  // the last validation loss is significantly below the floor
    int rises_ = 0;             // consecutive rises of the validation loss
};

}  // namespace gradus
