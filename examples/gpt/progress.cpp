// SPDX-License-Identifier: MIT
#include "examples/gpt/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

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

bool output_is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

int terminal_columns() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    return columns && std::atoi(columns) > 0 ? std::atoi(columns) : 80;
}

std::string clock_text(double seconds) {
    const auto s = static_cast<long>(std::max(0.0, seconds) + 0.5);
    return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                     : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string wrapped(std::string_view text, int indent, int columns) {
    columns = std::max(20, columns > 0 ? columns : terminal_columns() - 1);
    std::string out;
    for (bool first = true;; first = false) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const std::string_view fits = fit_width(line, first ? columns : columns - indent);
        std::size_t end = fits.size();
        if (end < line.size()) {  // break at the last space, unless that wastes half of the line
            const std::size_t space = line[end] == ' ' ? end : fits.rfind(' ');
            if (space != std::string_view::npos && space >= end / 2) end = space;
        }
        out += line.substr(0, end);
        if (end == text.size()) return out;
        text.remove_prefix(end + (text[end] == ' ' || text[end] == '\n'));
        out += '\n';
        out.append(static_cast<std::size_t>(indent), ' ');
    }
}

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
