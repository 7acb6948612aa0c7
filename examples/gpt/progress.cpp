// SPDX-License-Identifier: MIT
#include "examples/gpt/progress.h"

#include <fmt/core.h>

#include <cstdio>

#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);  // at most ten times a second
constexpr auto kPlainLine = std::chrono::seconds(10);

std::string floor_text(double floor) {
    return floor < 0 ? "unknown" : fmt::format("{:.4f}", floor);
}

std::string rate_text(double rate) {
    return rate >= 10000 ? fmt::format("{:.0f}k", rate / 1000) : fmt::format("{:.0f}", rate);
}

std::string key_values(const ProgressState& s) {
    return fmt::format(
        "step={}/{} loss={:.4f} val={:.4f} floor={} tok/s={:.0f} elapsed={:.1f}s eta={:.1f}s",
        s.step, s.steps, s.loss, s.val, floor_text(s.floor), s.token_rate, s.elapsed, s.eta);
}

}  // namespace

void Progress::update(const ProgressState& s) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < (plain_ ? std::chrono::milliseconds(kPlainLine) : kRedraw)) return;
    last_ = now;
    if (plain_) {
        fmt::print("{}\n", key_values(s));
        std::fflush(stdout);
        return;
    }
    const int columns = terminal_columns();
    const double part = s.steps ? static_cast<double>(s.step) / static_cast<double>(s.steps) : 0;
    const int width = columns >= 100 ? 24 : columns >= 70 ? 12 : 6;
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < part * width ? '#' : '-';
    // The most wanted first: a narrow window cuts off the end.
    std::string line = fmt::format("[{}] {:3.0f}%  ETA {}  loss {:.3f}", bar, 100 * part,
                                   clock_text(s.eta), s.loss);
    if (s.floor >= 0) line += fmt::format("  floor {:.3f}", s.floor);
    line += fmt::format("  {} tok/s  step {}/{}", rate_text(s.token_rate), s.step, s.steps);
    clear();
    fmt::print("{}", fit_width(line, columns - 1));
    std::fflush(stdout);
    drawn_ = true;
}

void Progress::evaluated(const ProgressState& s, const std::string& sample) {
    if (plain_) {
        last_ = std::chrono::steady_clock::now();
        fmt::print("{}\n", key_values(s));
        std::fflush(stdout);
        return;
    }
    const std::string start = fmt::format("step {:>5}  val {:.3f}  ", s.step, s.val);
    note(wrapped(start + sample, terminal_columns() >= 60 ? static_cast<int>(start.size()) : 2));
}

void Progress::note(const std::string& line) {
    clear();
    fmt::print("{}\n", line);
    std::fflush(stdout);
}

void Progress::finish() {
    clear();
}

void Progress::clear() {
    if (drawn_)
        fmt::print("\r{}\r", std::string(static_cast<std::size_t>(terminal_columns() - 1), ' '));
    drawn_ = false;
}

}  // namespace gradus
