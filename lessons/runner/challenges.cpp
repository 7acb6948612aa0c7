// SPDX-License-Identifier: MIT
#include "lessons/runner/challenges.h"

#include <fmt/core.h>

#include <charconv>

#include "lessons/mine/receipt.h"

namespace gradus::lessons {
namespace {

// The number that follows `before` in `line`.
std::optional<double> number_after(const std::string& line, const std::string& before) {
    const auto at = line.find(before);
    if (at == std::string::npos) return {};
    double number = 0;
    const char* begin = line.data() + at + before.size();
    if (std::from_chars(begin, line.data() + line.size(), number).ec != std::errc()) return {};
    return number;
}

// The first such number in a line that begins with `word`.
std::optional<double> number_in(const std::vector<std::string>& lines, const std::string& word,
                                const std::string& before) {
    for (const auto& line : about(lines, word))
        if (const auto number = number_after(line, before)) return number;
    return {};
}

bool learnt_from(const std::vector<std::string>& lines, const std::string& source) {
    for (const auto& line : about(lines, "data"))
        if (line.starts_with(source + ", ")) return true;
    return false;
}

constexpr double kSeconds = 60;

// The last loss on held-out data that was measured in time, above the floor.
std::optional<double> regret_in_time(const std::vector<std::string>& lines) {
    const auto floor = number_in(lines, "data", "floor ");
    if (!learnt_from(lines, "tales") || !floor) return {};
    std::optional<double> regret;
    for (const auto& line : about(lines, "held-out")) {
        const auto seconds = number_after(line, "after "), loss = number_after(line, "loss ");
        if (seconds && loss && *seconds <= kSeconds) regret = *loss - *floor;
    }
    return regret;
}

// Of a network whose sums are right but for one in a hundred.
std::optional<double> parameters_of_adder(const std::vector<std::string>& lines) {
    const auto right = number_in(lines, "checked", "right="),
               all = number_in(lines, "checked", "sums=");
    if (!learnt_from(lines, "sums") || !right || !all || *right < 0.99 * *all) return {};
    for (const auto& line : about(lines, "model"))
        if (const auto at = line.find(" parameters"); at != std::string::npos && at > 0)
            return number_after(line, line.substr(0, line.rfind(' ', at - 1) + 1));
    return {};
}

std::optional<double> share_of_peak(const std::vector<std::string>& lines) {
    const auto yours = number_in(lines, "speed", "yours "),
               peak = number_in(lines, "speed", "peak ");
    if (!yours || !peak || *peak <= 0) return {};
    return 100 * *yours / *peak;
}

}  // namespace

const std::vector<Challenge>& challenges() {
    static const std::vector<Challenge> list = {
        {"A minute", "./gradus gpt --mine --preset loops --steps 1500 --batch 10 --lr 6e-3",
         "nats per character above the floor", 0.0033, false, 4, regret_in_time},
        {"The smallest adder",
         "./gradus gpt --mine --data sums --preset micro --width 8 --heads 1 --batch 64 --steps "
         "10000",
         "parameters", 1120, false, 0, parameters_of_adder},
        {"Your matmul against the machine", "./gradus gpt --mine --my-matmul --steps 20",
         "per cent of the peak", 0.9, true, 1, share_of_peak},
    };
    return list;
}

std::string Challenge::number(double value) const {
    return fmt::format("{:.{}f}", value, digits);
}

std::string Challenge::shown(double value) const {
    return number(value) + " " + measure;
}

bool Challenge::beaten_by(double value) const {
    return more_is_better ? value > record : value < record;
}

std::vector<std::string> judged(const std::vector<std::string>& lines) {
    std::vector<std::string> sentences;
    for (const auto& challenge : challenges())
        if (const auto score = challenge.score(lines))
            sentences.push_back(
                fmt::format("{}: {}. {}", challenge.title, challenge.shown(*score),
                            challenge.beaten_by(*score)
                                ? "That beats ours, " + challenge.shown(challenge.record) + "!"
                                : "To beat: " + challenge.shown(challenge.record) + "."));
    return sentences;
}

}  // namespace gradus::lessons
