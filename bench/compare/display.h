// SPDX-License-Identifier: MIT
// Human-readable output: lines that stay and, on a terminal, a progress line with the estimated
// time remaining.
#pragma once

#include <string>

namespace gradus::bench {

class Display {
 public:
    Display();
    ~Display() { clear(); }
    Display(const Display&) = delete;
    Display& operator=(const Display&) = delete;

    int columns() const { return columns_; }
    void print(const std::string& text);  // as is, plus a newline
    void say(const std::string& text);    // wrapped at words to fit
    // Shows `part`, the fraction done (0 to 1), and the estimated time left. Prints nothing to a
    // pipe.
    void progress(const std::string& what, double part, double seconds_left);

 private:
    void clear();

    bool terminal_, drawn_ = false;
    int columns_;
};

}  // namespace gradus::bench
