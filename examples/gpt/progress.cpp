// SPDX-License-Identifier: MIT
#include "examples/gpt/progress.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "nn/plot/text.h"
#include "nn/text/display_width.h"

namespace gradus {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);  // at most ten times a second
constexpr auto kRechart = std::chrono::seconds(1);
constexpr auto kPlainLine = std::chrono::seconds(10);
constexpr int kChartRows = 7;  // with bar, numbers and verdict: ten lines, and one for the axis
constexpr Index kUnsure = 20;  // steps after which the remaining time is more than a guess

std::string rate_text(double rate) {
    return rate >= 10000 ? fmt::format("{:.0f}k", rate / 1000) : fmt::format("{:.0f}", rate);
}

std::string key_values(const ProgressState& s) {
    return fmt::format(
        "step={}/{} loss={:.4f} val={:.4f} floor={} tok/s={:.0f} lr={:.2e} gnorm={:.3f} "
        "elapsed={:.1f}s eta={:.1f}s",
        s.step, s.steps, s.loss, s.val, s.floor < 0 ? "unknown" : fmt::format("{:.4f}", s.floor),
        s.token_rate, s.lr, s.gradient_norm, s.elapsed, s.eta);
}

// The bar takes the room that the numbers leave; the most wanted first, for a narrow window cuts
// off the end.
std::string bar_line(const ProgressState& s, int columns) {
    const double part = s.steps ? static_cast<double>(s.step) / static_cast<double>(s.steps) : 0;
    std::string numbers =
        fmt::format(" {:3.0f}%  ETA {}{}  loss {:.3f}", 100 * part,
                    s.step < std::min(kUnsure, s.steps) ? "~" : "", clock_text(s.eta), s.loss);
    if (s.floor >= 0) numbers += fmt::format("  floor {:.3f}", s.floor);
    numbers += fmt::format("  {} tok/s  step {}/{}", rate_text(s.token_rate), s.step, s.steps);
    const int width = std::clamp(columns - 2 - static_cast<int>(numbers.size()), 6, 24);
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < part * width ? '#' : '-';
    return "[" + bar + "]" + numbers;
}

std::string numbers_line(const ProgressState& s) {
    std::string line = fmt::format("val {:.3f}", s.val);
    if (s.best_val < s.val)
        line += fmt::format(" (best {:.3f} at step {})", s.best_val, s.best_step);
    line += fmt::format("  lr {:.1e}  |gradient| {:.2f}", s.lr, s.gradient_norm);
    if (s.update_ratio >= 0) line += fmt::format("  update/weight {:.1e}", s.update_ratio);
    return line;
}

std::string coloured(const std::string& text, const char* code, bool colour) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        lines.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

LineChart loss_chart(const ProgressState& s, const Line& train, const Line& val) {
    LineChart chart;
    chart.x = {"step"};
    chart.y = {"loss"};
    chart.lines = {train};
    if (val.x.size() > 1) chart.lines.push_back(val);
    chart.levels.push_back(
        {fmt::format("know nothing {:.2f}", s.uniform_baseline), s.uniform_baseline});
    if (s.bigram >= 0) chart.levels.push_back({fmt::format("pairs {:.2f}", s.bigram), s.bigram});
    if (s.floor >= 0) chart.levels.push_back({fmt::format("floor {:.3f}", s.floor), s.floor});
    return chart;
}

}  // namespace

void Progress::update(const ProgressState& s) {
    if (!plain()) {
        train_.x.push_back(static_cast<double>(s.step));
        train_.y.push_back(s.loss);
    }
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < (plain() ? std::chrono::milliseconds(kPlainLine) : kRedraw)) return;
    last_ = now;
    if (!plain()) return draw(s);
    fmt::print("{}\n", key_values(s));
    std::fflush(stdout);
}

void Progress::evaluated(const ProgressState& s, const std::string& sample) {
    if (plain()) {
        last_ = std::chrono::steady_clock::now();
        fmt::print("{}\n", key_values(s));
        std::fflush(stdout);
        return;
    }
    val_.x.push_back(static_cast<double>(s.step));
    val_.y.push_back(s.val);
    const std::string start = fmt::format("step {:>5}  val {:.3f}  ", s.step, s.val);
    note(wrapped(start + sample, terminal_columns() >= 60 ? static_cast<int>(start.size()) : 2));
    draw(s);
}

void Progress::draw(const ProgressState& s) {
    const int columns = terminal_columns() - 1, rows = terminal_rows();
    std::vector<std::string> lines = {std::string(fit_width(bar_line(s, columns), columns))};
    std::vector<int> widths = {display_width(lines[0])};
    // A window that cannot hold the whole display keeps the bar: what scrolls away cannot be
    // drawn over.
    if (rows >= kChartRows + 8 && columns >= 30 && train_.x.size() > 1) {
        const auto now = std::chrono::steady_clock::now();
        if (columns != chart_columns_ || now - charted_ >= kRechart) {
            chart_ = text(loss_chart(s, train_, val_), {.columns = columns,
                                                        .rows = kChartRows,
                                                        .unicode = terminal_.unicode,
                                                        .colour = terminal_.colour});
            chart_columns_ = columns;
            charted_ = now;
        }
        for (auto& line : lines_of(chart_)) {
            lines.push_back(line);
            widths.push_back(columns);
        }
        lines.emplace_back(fit_width(numbers_line(s), columns));
        widths.push_back(display_width(lines.back()));
    }
    if (rows >= 4 && !s.verdict.empty()) {
        const std::string words(fit_width(s.verdict, columns));
        lines.push_back(coloured(words, s.alarm ? "1;33" : "32", terminal_.colour));
        widths.push_back(display_width(words));
    }
    std::string frame = erase_old();
    for (const auto& line : lines) frame += line + "\n";
    drawn_ = widths;
    fmt::print("{}", frame);
    std::fflush(stdout);
}

void Progress::note(const std::string& line) {
    fmt::print("{}{}\n", erase_old(), line);
    std::fflush(stdout);
}

void Progress::finish() {
    fmt::print("{}", erase_old());
    std::fflush(stdout);
}

// To the first line of the display and everything from there on gone. A window that has become
// narrower has broken the lines that were too long for it, so they are counted as it shows them.
std::string Progress::erase_old() {
    if (drawn_.empty()) return "";
    const int columns = terminal_columns();
    int up = 0;
    for (const int width : drawn_) up += std::max(1, (width + columns - 1) / columns);
    drawn_.clear();
    return fmt::format("\x1b[{}A\r\x1b[J", up);
}

}  // namespace gradus
