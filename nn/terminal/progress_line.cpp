// SPDX-License-Identifier: MIT
#include "nn/terminal/progress_line.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

#include "nn/terminal/printable.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr auto kFirst = std::chrono::milliseconds(500), kRedraw = std::chrono::milliseconds(100);

std::string left_text(double seconds) {
    return seconds < 60 ? fmt::format("{:.0f} s", std::ceil(seconds)) : clock_text(seconds);
}

}  // namespace

std::string progress_text(std::string_view what, double done, double seconds, int columns) {
    done = std::clamp(done, 0.0, 1.0);
    std::string end = fmt::format(": {:.0f}%", 100 * done);
    if (done > 0) end += fmt::format(", {} left", left_text(seconds * (1 - done) / done));
    const int room = std::max(0, columns - static_cast<int>(end.size()));
    return std::string(fit_width(what, room)) + end;
}

ProgressLine::ProgressLine(const TerminalCapabilities& terminal, std::string what)
    : what_(printable(what)), live_(terminal.live), start_(Clock::now()), last_(start_) {}

void ProgressLine::operator()(double done) {
    const auto now = Clock::now();
    if (!live_ || now - last_ < (drawn_ ? kRedraw : kFirst)) return;
    last_ = now;
    drawn_ = true;
    const std::chrono::duration<double> seconds = now - start_;
    fmt::print("\r\x1b[K{}", progress_text(what_, done, seconds.count(), terminal_columns() - 1));
    std::fflush(stdout);
}

ProgressLine::~ProgressLine() {
    if (!drawn_) return;
    std::fputs("\r\x1b[K", stdout);
    std::fflush(stdout);
}

}  // namespace gradus
