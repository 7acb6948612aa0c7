// SPDX-License-Identifier: MIT
#include "nn/tokenizers/pretokens.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "nn/text/utf8.h"

namespace gradus {
namespace {

struct Range {
    char32_t first, last;
};
#include "nn/tokenizers/letter_ranges.inc"

template <std::size_t N>
bool within(const Range (&ranges)[N], char32_t c) {
    const auto after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                        [](char32_t x, const Range& r) { return x < r.first; });
    return after != std::begin(ranges) && c <= std::prev(after)->last;
}

enum class Class : unsigned char { space, letter, number, other };

constexpr Class ascii_class(char32_t c) {
    return (c >= 9 && c <= 13) || c == ' '      ? Class::space
           : (c | 32) >= 'a' && (c | 32) <= 'z' ? Class::letter
           : c >= '0' && c <= '9'               ? Class::number
                                                : Class::other;
}
constexpr auto kAscii = [] {
    std::array<Class, 128> classes{};
    for (char32_t c = 0; c < 128; ++c) classes[c] = ascii_class(c);
    return classes;
}();

Class class_of(char32_t c) {
    if (c < 128) return kAscii[c];
    if (c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
        c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000)
        return Class::space;
    return within(kLetters, c) ? Class::letter : within(kNumbers, c) ? Class::number : Class::other;
}

// The class and the length in bytes of the character at `i`.
struct Character {
    Class kind;
    std::size_t bytes;
};
Character character(std::string_view text, std::size_t i) {
    if (const auto byte = static_cast<unsigned char>(text[i]); byte < 128) return {kAscii[byte], 1};
    const Utf8Step step = utf8_step(text.substr(i));
    return {class_of(step.code_point), static_cast<std::size_t>(step.bytes)};
}

// The end of the run of at most `most` characters of one class that begins at `i`, and the beginning
// of its last.
struct Run {
    std::size_t end, last;
};
Run run(std::string_view text, std::size_t i, Class kind, std::size_t most = std::string::npos) {
    Run run{i, i};
    for (; run.end < text.size() && most > 0; --most) {
        const Character c = character(text, run.end);
        if (c.kind != kind) break;
        run.last = run.end;
        run.end += c.bytes;
    }
    return run;
}

bool ends_line(char byte) {
    return byte == '\n' || byte == '\r';
}

// What \s+(?!\S)|\s+ matches of a run of white space: all but its last character, unless nothing
// follows, or there is no other.
std::size_t space_end(std::string_view text, std::size_t i, const Run& spaces) {
    return spaces.end < text.size() && spaces.last > i ? spaces.last : spaces.end;
}

constexpr std::array<std::string_view, 7> kContractions = {"s", "t", "re", "ve", "m", "ll", "d"};

// Length of the contraction's end at `i`, with its apostrophe; 0 if there is none.
std::size_t contraction(std::string_view text, std::size_t i) {
    if (text[i] != '\'') return 0;
    for (const auto end : kContractions)
        if (text.substr(i + 1, end.size()) == end) return 1 + end.size();
    return 0;
}

// The same in any case. Beside S and s there is the long s, U+017F: (?i:s) matches all three.
std::size_t contraction_in_any_case(std::string_view text, std::size_t i) {
    if (text[i] != '\'') return 0;
    if (text.substr(i + 1, 2) == "\u017F") return 3;
    for (const auto end : kContractions) {
        const std::string_view here = text.substr(i + 1, end.size());
        if (std::equal(here.begin(), here.end(), end.begin(), end.end(),
                       [](char a, char b) { return (a | 32) == b; }))
            return 1 + end.size();
    }
    return 0;
}

// GPT-2's rule, and the one where each number ends what is before it and stands alone.
std::size_t gpt2_end(std::string_view text, std::size_t i, bool digits) {
    if (const std::size_t length = contraction(text, i)) return i + length;
    const Character first = character(text, i);
    if (digits && first.kind == Class::number) return i + first.bytes;
    const auto number_at = [&](std::size_t at) {
        return digits && at < text.size() && character(text, at).kind == Class::number;
    };
    const bool joins = text[i] == ' ' && i + 1 < text.size() && !number_at(i + 1);
    const std::size_t word = joins ? i + 1 : i;
    const Class kind = joins ? character(text, word).kind : first.kind;
    if (kind != Class::space) return run(text, word, kind).end;
    const Run spaces = run(text, i, Class::space);
    return number_at(spaces.end) ? spaces.end : space_end(text, i, spaces);
}

std::size_t cl100k_end(std::string_view text, std::size_t i, std::size_t most_numbers) {
    // (?i:'s|'t|'re|'ve|'m|'ll|'d)
    if (const std::size_t length = contraction_in_any_case(text, i)) return i + length;
    // [^\r\n\p{L}\p{N}]?\p{L}+ and \p{N}{1,3}
    const Character first = character(text, i);
    if (first.kind == Class::letter) return run(text, i, Class::letter).end;
    if (first.kind == Class::number) return run(text, i, Class::number, most_numbers).end;
    const std::size_t second = i + first.bytes;
    if (!ends_line(text[i])) {
        const Run letters = run(text, second, Class::letter);
        if (letters.end > second) return letters.end;
    }
    //  ?[^\s\p{L}\p{N}]+[\r\n]*
    const std::size_t word = text[i] == ' ' ? second : i;
    if (const Run others = run(text, word, Class::other); others.end > word) {
        std::size_t end = others.end;
        while (end < text.size() && ends_line(text[end])) ++end;
        return end;
    }
    // \s*[\r\n]+ and \s+(?!\S)|\s+
    const Run spaces = run(text, i, Class::space);
    for (std::size_t end = spaces.end; end > i; --end)
        if (ends_line(text[end - 1])) return end;
    return space_end(text, i, spaces);
}

}  // namespace

std::string_view pattern_of(Split split) {
    switch (split) {
        case Split::gpt2:
            return R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
        case Split::cl100k:
            return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                   R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
        case Split::qwen2:
            return R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|)"
                   R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
        default:
            return "";
    }
}

std::size_t word_end(std::string_view text, std::size_t begin, Split split) {
    switch (split) {
        case Split::gpt2:
            return gpt2_end(text, begin, false);
        case Split::digits:
            return gpt2_end(text, begin, true);
        case Split::cl100k:
            return cl100k_end(text, begin, 3);
        case Split::qwen2:
            return cl100k_end(text, begin, 1);
        default:
            return text.size();
    }
}

std::vector<std::string_view> split_words(std::string_view text, Split split) {
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = word_end(text, i, split);
        words.push_back(text.substr(i, end - i));
        i = end;
    }
    return words;
}

void WordStream::feed(std::string_view piece) {
    waiting_ += piece;
    if (waiting_.size() < split_at_) return;
    std::vector<std::string_view> words = split_words(waiting_, split_);
    std::size_t done = 0;
    for (std::size_t i = 0; i + 2 < words.size(); ++i) {
        visit_(words[i]);
        done += words[i].size();
    }
    waiting_.erase(0, done);
    split_at_ = 2 * waiting_.size();
}

void WordStream::finish() {
    for (const std::string_view word : split_words(waiting_, split_)) visit_(word);
    waiting_.clear();
    split_at_ = 0;
}

}  // namespace gradus
