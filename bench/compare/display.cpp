// SPDX-License-Identifier: MIT
#include "bench/compare/display.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"

namespace gradus::bench {

Display::Display() : terminal_(output_is_terminal()), columns_(std::max(20, terminal_columns())) {}

void Display::print(const std::string& text) {
    clear();
    fmt::print("{}\n", text);
    std::fflush(stdout);
}

void Display::say(const std::string& text) {
    print(wrapped(text, 0, columns_ - 1));
}

void Display::progress(const std::string& what, double part, double seconds_left) {
    if (!terminal_) return;
    clear();
    const std::string line =
        fmt::format("{:3.0f}%  ETA {}  {}", 100 * part, clock_text(seconds_left), what);
    fmt::print("{}", fit_width(line, columns_ - 1));
    std::fflush(stdout);
    drawn_ = true;
}

void Display::clear() {
    if (drawn_) fmt::print("\r{}\r", std::string(static_cast<std::size_t>(columns_ - 1), ' '));
    drawn_ = false;
}

}  // namespace gradus::bench
