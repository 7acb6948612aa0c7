// SPDX-License-Identifier: MIT
#include "nn/run/display.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "nn/plot/text.h"
#include "nn/run/loss_chart.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/progress_line.h"
#include "nn/text/display_width.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds(100);  // at most ten times a second
constexpr auto kRechart = std::chrono::seconds(1);
constexpr auto kPlainLine = std::chrono::seconds(10);
// What takes less long is not mentioned; in a log, which is kept, it has to take longer.
constexpr auto kBusy = std::chrono::milliseconds(500), kPlainBusy = std::chrono::milliseconds(2000);
constexpr int kLeastBar = 6;   // columns
constexpr int kChartRows = 7;  // with bar, numbers and verdict ten lines; the axis adds one
constexpr Index kUnsure = 20;  // steps after which the remaining time is more than a guess

std::string rate_text(double rate) {
    return rate >= 10000 ? fmt::format("{:.0f}k", rate / 1000) : fmt::format("{:.0f}", rate);
}

std::string items(const RunState& s) {
    return s.facts.item.empty() ? "steps" : s.facts.item;
}

// " val=0.1271 acc=0.9800 floor=0.1265", or as much of it as is known.
std::string losses(const RunState& s) {
    std::string text;
    if (std::isfinite(s.val)) text += fmt::format(" val={:.4f}", s.val);
    if (std::isfinite(s.accuracy)) text += fmt::format(" acc={:.4f}", s.accuracy);
    if (s.facts.floor >= 0) text += fmt::format(" floor={:.4f}", s.facts.floor);
    if (s.facts.floor < 0 && s.facts.uniform_baseline >= 0) text += " floor=unknown";
    return text;
}

std::string bits_per_byte(const RunState& s) {
    std::string text;
    if (std::isfinite(s.bits_per_byte))
        text += fmt::format(" bits_per_byte={:.4f}", s.bits_per_byte);
    if (s.facts.floor_bits_per_byte >= 0)
        text += fmt::format(" floor_bits_per_byte={:.4f}", s.facts.floor_bits_per_byte);
    return text;
}

std::string key_values(const RunState& s) {
    const std::string start =
        fmt::format("step={}/{} loss={:.4f}{}", s.step, s.facts.steps, s.loss, losses(s));
    if (s.rate <= 0)  // this session has made no step yet
        return start + fmt::format(" elapsed={:.1f}s", s.elapsed);
    return start + fmt::format(" {}/s={:.0f} lr={:.2e} gnorm={:.3f} elapsed={:.1f}s eta={:.1f}s",
                               items(s), s.rate, s.lr, s.gradient_norm, s.elapsed, s.eta);
}

// As many of the fields as there is room for: the first and the others that still fit.
std::string fitting(const std::vector<std::string>& fields, int columns) {
    std::string line;
    for (const std::string& field : fields) {
        const std::string more = line.empty() ? field : line + "  " + field;
        if (line.empty() || display_width(more) <= columns) line = more;
    }
    return line;
}

// The bar takes the room that the numbers leave. The most useful numbers come first, because a
// narrow window has no room for the last.
std::string bar_line(const RunState& s, int columns, bool busy) {
    const Index steps = s.facts.steps;
    const double done = steps ? static_cast<double>(s.step) / static_cast<double>(steps) : 0;
    std::vector<std::string> fields = {fmt::format(" {:3.0f}%", 100 * done)};
    if (s.rate > 0 && !busy)  // a step has been timed, and no other line says what is left
        fields.push_back(fmt::format("ETA {}{}", s.step < std::min(kUnsure, steps) ? "~" : "",
                                     clock_text(s.eta)));
    if (std::isfinite(s.loss)) fields.push_back(fmt::format("loss {:.3f}", s.loss));
    if (s.facts.floor >= 0) fields.push_back(fmt::format("floor {:.3f}", s.facts.floor));
    if (s.rate > 0) fields.push_back(fmt::format("{} {}/s", rate_text(s.rate), items(s)));
    fields.push_back(fmt::format("step {}/{}", s.step, steps));
    const std::string numbers = fitting(fields, columns - 2 - kLeastBar);
    const int width = std::clamp(columns - 2 - display_width(numbers), kLeastBar, 24);
    std::string bar;
    for (int i = 0; i < width; ++i) bar += i < done * width ? '#' : '-';
    return "[" + bar + "]" + numbers;
}

std::string accuracy_text(const RunState& s) {
    return std::isfinite(s.accuracy) ? fmt::format("  accuracy {:.1f} %", 100 * s.accuracy) : "";
}

std::string numbers_line(const RunState& s, int columns) {
    std::vector<std::string> fields;
    if (std::isfinite(s.val)) {
        fields.push_back(fmt::format("val {:.3f}", s.val));
        if (s.best_val < s.val && !s.val_is_full)
            fields.push_back(fmt::format("(best {:.3f} at step {})", s.best_val, s.best_step));
        if (std::isfinite(s.accuracy))
            fields.push_back(fmt::format("accuracy {:.1f} %", 100 * s.accuracy));
    }
    fields.push_back(fmt::format("lr {:.1e}", s.lr));
    fields.push_back(fmt::format("|gradient| {:.2f}", s.gradient_norm));
    if (std::isfinite(s.update_ratio))
        fields.push_back(fmt::format("update/weight {:.1e}", s.update_ratio));
    return fitting(fields, columns);
}

std::string coloured(const std::string& text, const char* code, bool colour) {
    return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : text;
}

// What may hold text from data, a model, a name or an error; frames, with our own escape sequences,
// are printed as they are.
template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
    print_text(stdout, fmt::format(format, std::forward<Args>(args)...));
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

// "Loss in nats per character: uniform baseline 3.74, floor 0.1265 (the entropy of the data)."
std::string compared_with(const RunFacts& f) {
    std::string text =
        fmt::format("Loss in {}: uniform baseline {:.2f}", f.unit, f.uniform_baseline);
    if (f.bigram_baseline >= 0) text += fmt::format(", bigram baseline {:.2f}", f.bigram_baseline);
    if (f.floor >= 0) text += fmt::format(", floor {:.4f} (the entropy of the data)", f.floor);
    return text + ".";
}

}  // namespace

std::chrono::milliseconds Display::between_lines() const {
    return plain() ? std::chrono::milliseconds(kPlainLine) : kRedraw;
}

void Display::begun(const RunState& s) {
    const RunFacts& f = s.facts;
    if (plain()) {
        say("{}{}params={} isa={} threads={}{}{}\n", f.key_values, f.key_values.empty() ? "" : " ",
            f.parameters, isa(), threads(), f.folder.empty() ? "" : " out=" + f.folder,
            s.step > 0 ? fmt::format(" resumed_at={}", s.step) : "");
        return;
    }
    fmt::print("{}", erase_old());
    for (const std::string& line : f.introduction) say("{}\n", wrapped(for_output(line)));
    if (f.uniform_baseline >= 0) fmt::print("{}\n", wrapped(compared_with(f)));
    if (s.step > 0) fmt::print("Continues after step {} of {}.\n", s.step, f.steps);
    if (f.stops)
        fmt::print("{}\n",
                   wrapped(fmt::format("Ctrl-C stops{}; a second Ctrl-C ends the program at once.",
                                       f.folder.empty() ? "" : " and saves")));
    fmt::print("\n");
}

void Display::stepped(const RunState& s) {
    say_verdict(s);
    if (!plain()) {
        train_.x.push_back(static_cast<double>(s.step));
        train_.y.push_back(s.loss);
    }
    if (s.val_is_new) return;  // evaluated() follows
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < between_lines()) return;
    last_ = now;
    if (!plain()) return draw(s);
    fmt::print("{}\n", key_values(s));
    std::fflush(stdout);
}

void Display::busy(const RunState& s, const std::string& what, double done) {
    const auto now = std::chrono::steady_clock::now();
    if (what != busy_what_ || done < busy_done_) busy_since_ = now;
    busy_what_ = what, busy_done_ = done;
    const std::chrono::duration<double> seconds = now - busy_since_;
    if (now - busy_since_ < (plain() ? kPlainBusy : kBusy)) return;
    const bool said = last_ > busy_since_;  // the first line does not wait for the one before it
    if (now - last_ < (plain() && !said ? kPlainBusy : between_lines())) return;
    last_ = now;
    if (plain()) {
        fmt::print("step={}/{} busy=\"{}\" done={:.2f}", s.step, s.facts.steps, what, done);
        if (done > 0) fmt::print(" eta={:.1f}s", seconds.count() * (1 - done) / done);
        fmt::print("\n");
        std::fflush(stdout);
        return;
    }
    busy_ = progress_text(what, done, seconds.count(), terminal_columns() - 1);
    draw(s);
    busy_.clear();
}

void Display::evaluated(const RunState& s) {
    say_verdict(s);
    if (plain()) {
        last_ = std::chrono::steady_clock::now();
        fmt::print("{}\n", key_values(s));
        std::fflush(stdout);
        return;
    }
    std::string start = fmt::format("step {:>5}", s.step);
    if (std::isfinite(s.val)) {
        val_.x.push_back(static_cast<double>(s.step));
        val_.y.push_back(s.val);
        start += fmt::format("  val {:.3f}", s.val) + accuracy_text(s);
    }
    const std::string sample = s.snapshots.empty() ? "" : for_output(s.snapshots.back().text);
    if (!sample.empty()) start += "  ";
    note(wrapped(start + sample, terminal_columns() >= 60 ? static_cast<int>(start.size()) : 2));
    draw(s);
}

void Display::ended(const RunState& s, bool finished) {
    const RunFacts& f = s.facts;
    fmt::print("{}", erase_old());
    if (finished) {
        say_result(s);
    } else if (plain()) {
        say("interrupted steps={}{}{}\n", s.step, f.folder.empty() ? "" : " out=" + f.folder,
            f.resume_command.empty() ? "" : " resume=\"" + f.resume_command + "\"");
    } else if (f.folder.empty()) {
        fmt::print("Stopped after step {}.\n", s.step);
    } else {
        say("Stopped after step {} and saved. Resume with: {}\n", s.step,
            f.resume_command.empty() ? "the same command" : f.resume_command);
    }
    std::fflush(stdout);
}

void Display::say_result(const RunState& s) {
    const RunFacts& f = s.facts;
    if (plain()) {
        say("done steps={}{}{} params={} seconds={:.1f}{}\n", s.step, losses(s), bits_per_byte(s),
            f.parameters, s.elapsed, f.folder.empty() ? "" : " out=" + f.folder);
        return;
    }
    std::string text = fmt::format("Done in {}: ", clock_text(s.elapsed));
    text += std::isfinite(s.val) ? fmt::format("validation loss {:.4f}", s.val)
                                 : fmt::format("loss {:.4f}", s.loss);
    if (f.unit != "loss") text += " " + f.unit;
    if (std::isfinite(s.accuracy)) text += fmt::format(", accuracy {:.1f} %", 100 * s.accuracy);
    if (f.floor >= 0) text += fmt::format(", floor {:.4f}", f.floor);
    if (std::isfinite(s.bits_per_byte)) {
        text += fmt::format("; {:.4f} bits per byte", s.bits_per_byte);
        if (f.floor_bits_per_byte >= 0)
            text += fmt::format(", floor {:.4f}", f.floor_bits_per_byte);
    }
    fmt::print("\n{}\n", wrapped(text + "."));
    if (!f.folder.empty()) say("Saved in {0}; report: {0}/report.html\n", f.folder);
}

// The live display shows every verdict; a log gets a line when it changes.
void Display::say_verdict(const RunState& s) {
    if (s.health.kind == said_) return;
    said_ = s.health.kind;
    if (plain())
        note(fmt::format("verdict step={} kind={} words=\"{}\"", s.step, gradus::name(said_),
                         s.health.words));
}

void Display::draw(const RunState& s) {
    const int columns = terminal_columns() - 1, rows = terminal_rows();
    std::vector<std::string> lines = {
        std::string(fit_width(bar_line(s, columns, !busy_.empty()), columns))};
    std::vector<int> widths = {display_width(lines[0])};
    // A window too small for the whole display still gets the bar: what scrolls away cannot be
    // drawn over.
    if (rows >= kChartRows + 8 && columns >= 30 && train_.x.size() > 1) {
        const auto now = std::chrono::steady_clock::now();
        if (columns != chart_columns_ || now - charted_ >= kRechart) {
            chart_ = text(loss_chart(s.facts, {train_, val_}), {.columns = columns,
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
        lines.emplace_back(fit_width(numbers_line(s, columns), columns));
        widths.push_back(display_width(lines.back()));
    }
    if (rows >= 4 && !s.health.words.empty()) {
        const std::string words(fit_width(s.health.words, columns));
        lines.push_back(coloured(words, s.health.alarm() ? "1;33" : "32", terminal_.colour));
        widths.push_back(display_width(words));
    }
    if (!busy_.empty()) {
        lines.push_back(busy_);
        widths.push_back(display_width(busy_));
    }
    std::string frame = erase_old();
    for (const auto& line : lines) frame += line + "\n";
    drawn_ = widths;
    fmt::print("{}", frame);
    std::fflush(stdout);
}

void Display::note(const std::string& line) {
    fmt::print("{}", erase_old());
    say("{}\n", line);
    std::fflush(stdout);
}

// Moves to the first line of the display and clears everything from there on. A window that has
// become narrower has wrapped the lines that no longer fit, so its wrapped lines are counted.
std::string Display::erase_old() {
    if (drawn_.empty()) return "";
    const int columns = terminal_columns();
    int up = 0;
    for (const int width : drawn_) up += std::max(1, (width + columns - 1) / columns);
    drawn_.clear();
    return fmt::format("\x1b[{}A\r\x1b[J", up);
}

}  // namespace gradus
