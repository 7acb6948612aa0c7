// SPDX-License-Identifier: MIT
// What a person (a moving line and samples) or a script (key=value lines) sees while the model
// trains.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "nn/text/terminal.h"
#include "tensor/real.h"

namespace gradus {

struct ProgressState {
    Index step = 0, steps = 0;
    double loss = 0;
    double val = 0;
    double floor = -1;      // negative: not known
    double token_rate = 0;  // per second, while training
    double elapsed = 0;     // seconds
    double eta = 0;         // seconds
};

class Progress {
 public:
    explicit Progress(bool plain) : plain_(plain) {}
    bool plain() const { return plain_; }

    void update(const ProgressState& state);  // after every step; prints when it is time
    void evaluated(const ProgressState& state, const std::string& sample);  // after an evaluation
    void note(const std::string& line);  // a whole line of its own
    void finish();                       // leaves the moving line

 private:
    void clear();

    bool plain_;
    bool drawn_ = false;
    std::chrono::steady_clock::time_point last_{};
};

}  // namespace gradus
