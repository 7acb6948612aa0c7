// SPDX-License-Identifier: MIT
// What a person (a moving display in the bottom lines of the terminal, samples above it) or a
// script (key=value lines) sees while a model trains.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/observer.h"
#include "nn/terminal/terminal.h"

namespace gradus {

class Display : public Observer {
 public:
    explicit Display(const TerminalAbilities& terminal) : terminal_(terminal) {}

    std::string name() const override { return "the display"; }
    void begun(const RunState& state) override;                 // what is trained, and on what
    void stepped(const RunState& state) override;               // prints when it is time
    void evaluated(const RunState& state) override;             // a line with the sample
    void ended(const RunState& state, bool finished) override;  // takes the display away
    void note(const std::string& line) override;                // whole lines, above the display

 private:
    bool plain() const { return !terminal_.live; }
    void say_verdict(const RunState& state);
    void say_result(const RunState& state);
    void draw(const RunState& state);
    std::string erase_old();

    TerminalAbilities terminal_;
    std::vector<int> drawn_;  // columns that each line of the display takes
    Line train_{"train", {}, {}}, val_{"validation", {}, {}};
    std::string chart_;  // rendered anew once a second, the rest ten times
    int chart_columns_ = 0;
    std::chrono::steady_clock::time_point last_{}, charted_{};
    Health::Kind said_ = Health::Kind::starting;
};

}  // namespace gradus
