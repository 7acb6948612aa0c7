// SPDX-License-Identifier: MIT
// Shows the progress of a training run: on an interactive terminal, as a live display on the bottom
// lines with samples above it; otherwise, as key=value lines.
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
    explicit Display(const TerminalCapabilities& terminal) : terminal_(terminal) {}

    std::string name() const override { return "the display"; }
    void begun(const RunState& state) override;    // the model and its data
    void stepped(const RunState& state) override;  // prints if an update is due
    void busy(const RunState& state, const std::string& what,
              double done) override;                            // a line below
    void evaluated(const RunState& state) override;             // a line with the sample
    void ended(const RunState& state, bool finished) override;  // erases the display
    void note(const std::string& line) override;                // whole lines, above the display

 private:
    bool plain() const { return !terminal_.live; }
    std::chrono::milliseconds between_lines() const;
    void say_verdict(const RunState& state);
    void say_result(const RunState& state);
    void draw(const RunState& state);
    std::string erase_old();

    TerminalCapabilities terminal_;
    std::vector<int> drawn_;  // width of each line of the display, in columns
    Line train_{"train", {}, {}}, val_{"validation", {}, {}};
    std::string chart_;  // redrawn once a second; the other lines, ten times a second
    int chart_columns_ = 0;
    std::chrono::steady_clock::time_point last_{}, charted_{}, busy_since_{};
    double busy_done_ = 0;
    std::string busy_what_, busy_;  // busy_: the line that says so, while it is to be seen
    Health::Kind said_ = Health::Kind::starting;
};

}  // namespace gradus
