// SPDX-License-Identifier: MIT
#include "nn/text/pretokens.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "nn/text/utf8.h"

namespace gradus {
namespace {

struct Range {
    char32_t first, last;
};
#include "nn/text/letter_ranges.inc"

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
    const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                        [](char32_t x, const Range& r) { return x < r.first; });
    return after != std::begin(ranges) && c <= std::prev(after)->last;
}

enum class Class { space, letter, number, other };

Class class_of(char32_t c) {
    if ((c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
        (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
        c == 0x3000)
        return Class::space;
    if (c < 128)
        return (c | 32) >= 'a' && (c | 32) <= 'z' ? Class::letter
               : c >= '0' && c <= '9'             ? Class::number
                                                  : Class::other;
    return within(kLetters, c) ? Class::letter : within(kNumbers, c) ? Class::number : Class::other;
}

// The class and the length in bytes of the character at `i`.
struct Character {
    Class kind;
    std::size_t bytes;
};
Character character(std::string_view text, std::size_t i) {
    const Utf8Step step = utf8_step(text.substr(i));
    return {class_of(step.code_point), static_cast<std::size_t>(step.bytes)};
}

// The end of the run of characters of one class that begins at `i`, and the beginning of its last.
struct Run {
    std::size_t end, last;
};
Run run(std::string_view text, std::size_t i, Class kind) {
    Run run{i, i};
    while (run.end < text.size()) {
        const Character c = character(text, run.end);
        if (c.kind != kind) break;
        run.last = run.end;
        run.end += c.bytes;
    }
    return run;
}

// Length of the contraction's end at `i`; 0 if there is none.
std::size_t contraction(std::string_view text, std::size_t i) {
    constexpr std::array<std::string_view, 7> kEnds = {"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"};
    if (text[i] != '\'') return 0;
    for (const auto end : kEnds)
        if (text.substr(i, end.size()) == end) return end.size();
    return 0;
}

// The end of the piece that begins at `i`.
std::size_t piece_end(std::string_view text, std::size_t i) {
    if (const std::size_t length = contraction(text, i)) return i + length;
    const std::size_t word = text[i] == ' ' && i + 1 < text.size() ? i + 1 : i;
    const Class kind = character(text, word).kind;
    if (kind != Class::space) return run(text, word, kind).end;
    const Run spaces = run(text, i, Class::space);
    return spaces.end < text.size() && spaces.last > i ? spaces.last : spaces.end;
}

}  // namespace

std::vector<std::string_view> split_words(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = piece_end(text, i);
        pieces.push_back(text.substr(i, end - i));
        i = end;
    }
    return pieces;
}

void WordStream::feed(std::string_view piece) {
    waiting_ += piece;
    if (waiting_.size() < split_at_) return;
    std::vector<std::string_view> words = split_words(waiting_);
    std::size_t done = 0;
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
        visit_(words[i]);
        done += words[i].size();
    }
    waiting_.erase(0, done);
    split_at_ = 2 * waiting_.size();
}

void WordStream::finish() {
    for (const std::string_view word : split_words(waiting_)) visit_(word);
    waiting_.clear();
    split_at_ = 0;
}

}  // namespace gradus
