// SPDX-License-Identifier: MIT
// What a person sees: lines that stay and, on a terminal, a progress line that says how long it
// will take.
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
    void print(const std::string& text);  // as it is, plus a newline
    void say(const std::string& text);    // wrapped at words to fit
    // `part` of the whole is done, 0 to 1; `seconds_left` to go. Prints nothing into a pipe.
    void progress(const std::string& what, double part, double seconds_left);

 private:
    void clear();

    bool terminal_, drawn_ = false;
    int columns_;
};

}  // namespace gradus::bench
