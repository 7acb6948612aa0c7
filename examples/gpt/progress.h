// SPDX-License-Identifier: MIT
// What a person (a moving display in the bottom lines of the terminal, samples above it) or a
// script (key=value lines) sees while the model trains.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/terminal/terminal.h"
#include "tensor/real.h"

namespace gradus {

struct ProgressState {
    Index step = 0, steps = 0;
    double loss = 0;  // mean of about the last 50 steps, nats per token
    double val = 0;   // of the last evaluation
    double best_val = 0;
    Index best_step = 0;
    double uniform_baseline = 0;       // ln V
    double bigram = -1;                // negative: not known
    double floor = -1;                 // negative: not known
    double lr = 0, gradient_norm = 0;  // of the last step, before clipping
    double update_ratio = -1;          // |update| / |weights|; negative: not measured yet
    double token_rate = 0;             // per second, while training
    double elapsed = 0;                // seconds
    double eta = 0;                    // seconds
    std::string verdict;               // in words
    bool alarm = false;                // the verdict is bad news
};

class Progress {
 public:
    explicit Progress(const TerminalAbilities& terminal) : terminal_(terminal) {}
    bool plain() const { return !terminal_.live; }

    void update(const ProgressState& state);  // after every step; prints when it is time
    void evaluated(const ProgressState& state, const std::string& sample);  // after an evaluation
    void note(const std::string& line);  // whole lines, above the display
    void finish();                       // takes the display away

 private:
    void draw(const ProgressState& state);
    std::string erase_old();

    TerminalAbilities terminal_;
    std::vector<int> drawn_;  // columns that each line of the display takes
    Line train_{"train", {}, {}}, val_{"validation", {}, {}};
    std::string chart_;  // rendered anew once a second, the rest ten times
    int chart_columns_ = 0;
    std::chrono::steady_clock::time_point last_{}, charted_{};
};

}  // namespace gradus
