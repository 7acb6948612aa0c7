// SPDX-License-Identifier: MIT
// How fast a run goes: from the times of its steps and evaluations, how long the rest will take.
#pragma once

#include <chrono>

#include "nn/run/recent_median.h"
#include "tensor/tensor.h"

namespace gradus {

class Pace {
 public:
    using Clock = std::chrono::steady_clock;

    // earlier: the seconds of the run's earlier sessions.
    void begin(double earlier) { start_ = Clock::now(), earlier_ = earlier; }
    double elapsed() const { return earlier_ + since(start_); }

    static double since(Clock::time_point start) {
        return std::chrono::duration<double>(Clock::now() - start).count();
    }

    // The seconds of a step, of a quick evaluation, and of all that was done between two steps when
    // the model was evaluated: the evaluation itself, a sample, pictures, a save.
    void add_step(double seconds) { steps_.add(seconds); }
    void add_evaluation(double seconds) { evaluation_ = seconds; }
    void add_pause(double seconds) { pause_ = seconds; }

    double step() const { return steps_.value(); }  // the median of the recent ones
    // The seconds that are left. The last evaluation takes `full_effort` times as long as the others.
    double left(Index steps, Index evaluations, double full_effort) const {
        return step() * static_cast<double>(steps) + pause_ * static_cast<double>(evaluations) +
               evaluation_ * (full_effort - 1);
    }

 private:
    Clock::time_point start_{};
    double earlier_ = 0, evaluation_ = 0, pause_ = 0;
    RecentMedian steps_;
};

}  // namespace gradus
