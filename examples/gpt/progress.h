// SPDX-License-Identifier: MIT
// What a person (a moving line and samples) or a script (key=value lines) sees while the model
// trains.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

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

bool output_is_terminal();
int terminal_columns();  // of stdout; COLUMNS if it is no terminal; 80 if nobody knows
std::string clock_text(double seconds);  // "0:07", "12:30", "2:03:00"
// Text in lines of at most `columns` (0: one less than the terminal has), broken at spaces or,
// where there are none, as in Chinese, between characters; every line but the first is indented.
// Line ends in the text stay. Ends without a line end.
std::string wrapped(std::string_view text, int indent = 0, int columns = 0);

}  // namespace gradus
