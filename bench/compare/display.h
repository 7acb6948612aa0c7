// SPDX-License-Identifier: MIT
// What a person sees: lines that stay, and, on a terminal, a moving one that says how long it will
// take.
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
    void print(const std::string& text);  // as it is, and a line end
    void say(const std::string& text);    // broken at words to fit
    // `part` of the whole is done, 0 to 1; `seconds_left` to go. Nothing in a pipe.
    void progress(const std::string& what, double part, double seconds_left);

 private:
    void clear();

    bool terminal_, drawn_ = false;
    int columns_;
};

}  // namespace gradus::bench
