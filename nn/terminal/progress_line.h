// SPDX-License-Identifier: MIT
// One line on a terminal that says how far a long task is: "Reading book.txt: 40%, 3 s left". Short
// tasks show nothing, and so does output that is not a terminal.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "nn/progress.h"
#include "nn/terminal/terminal.h"

namespace gradus {

class ProgressLine {
 public:
    // what: "Reading book.txt"
    ProgressLine(const TerminalCapabilities& terminal, std::string what);
    ~ProgressLine();  // erases the line
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    void operator()(double done);  // from 0 to 1

 private:
    using Clock = std::chrono::steady_clock;
    std::string what_;
    bool live_, drawn_ = false;
    Clock::time_point start_, last_;
};

// Runs f while its reports (nn/progress.h) are shown in such a line.
template <class F>
auto with_progress(const TerminalCapabilities& terminal, const std::string& what, const F& f) {
    ProgressLine line(terminal, what);
    const Progress shown(std::ref(line));
    return f();
}

// The line after so many seconds. If it is too wide, the end of `what` is left out.
std::string progress_text(std::string_view what, double done, double seconds, int columns);

}  // namespace gradus
