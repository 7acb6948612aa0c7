// SPDX-License-Identifier: MIT
#include "nn/text/character_kinds.h"

#include <algorithm>
#include <iterator>

namespace gradus {
namespace {

struct CodePoints {
    char32_t first, last;
};
struct Ordered {
    char32_t first, last;
    int combining_class;
};
struct Lowered {
    char32_t first, last;
    int step, distance;
};
#include "nn/text/character_ranges.inc"

// The range that c lies in; null if none.
template <class Range, std::size_t N>
const Range* find(const Range (&ranges)[N], char32_t c) {
    const Range* after = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                          [](char32_t x, const Range& r) { return x < r.first; });
    return after != std::begin(ranges) && c <= after[-1].last ? after - 1 : nullptr;
}

}  // namespace

bool is_white_space(char32_t c) {
    return (c >= 9 && c <= 13) || c == ' ' || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

bool is_punctuation(char32_t c) {
    return find(kPunctuation, c) != nullptr;
}
bool is_control(char32_t c) {
    return find(kControls, c) != nullptr;
}
bool is_nonspacing_mark(char32_t c) {
    return c >= 0x300 && find(kNonspacingMarks, c) != nullptr;
}
bool is_mark(char32_t c) {
    return is_nonspacing_mark(c) || find(kOtherMarks, c) != nullptr;
}

bool is_ideograph(char32_t c) {
    return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) ||
           (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
           (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B820 && c <= 0x2CEAF) ||
           (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

char32_t lowercase(char32_t c) {
    if (c < 128) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    if (c == 0x130) return 'i';
    const Lowered* found = find(kLowercase, c);
    if (!found || (c - found->first) % static_cast<char32_t>(found->step) != 0) return c;
    return static_cast<char32_t>(static_cast<int>(c) + found->distance);
}

int combining_class(char32_t c) {
    const Ordered* found = c < 0x300 ? nullptr : find(kCombiningClasses, c);
    return found ? found->combining_class : 0;
}

}  // namespace gradus
