// SPDX-License-Identifier: MIT
#include "nn/text/normalise.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <unordered_map>
#include <vector>

#include "nn/text/character_kinds.h"
#include "nn/text/utf8.h"

namespace gradus {
namespace {

#include "nn/text/decompositions.inc"

// A byte that is part of no code point, as a number above all of them.
constexpr char32_t kByte = 0x110000;

std::u32string decoded(std::string_view text) {
    std::u32string result;
    result.reserve(text.size());
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        result += step.valid ? step.code_point : kByte + static_cast<unsigned char>(text[i]);
        i += step.valid ? static_cast<std::size_t>(step.bytes) : 1;
    }
    return result;
}

void append(std::string& text, char32_t c) {
    if (c >= kByte)
        text += static_cast<char>(c - kByte);
    else
        utf8_append(text, c);
}

// Most text, and the same in every form.
bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// A set of code points by pages of 256: answers at once for the many scripts that have none in it.
class Pages {
 public:
    void add(char32_t c) { used_[c >> 8] = true; }
    bool may_contain(char32_t c) const { return c < kByte && used_[c >> 8]; }

 private:
    std::vector<bool> used_ = std::vector<bool>(kByte >> 8);
};

class Decompositions {
 public:
    static const Decompositions& tables() {
        static const Decompositions tables;
        return tables;
    }
    // The whole decomposition of c; null if it has none.
    const std::u32string* find(char32_t c, bool compatible) const {
        if (!pages_.may_contain(c)) return nullptr;
        if (compatible)
            if (const auto found = compatible_.find(c); found != compatible_.end())
                return &found->second;
        const auto found = canonical_.find(c);
        return found == canonical_.end() ? nullptr : &found->second;
    }
    // What first and second compose to; 0 if they do not.
    char32_t compose(char32_t first, char32_t second) const {
        if (!seconds_.may_contain(second)) return 0;
        const auto found = composed_.find(std::uint64_t{first} << 32 | second);
        return found == composed_.end() ? 0 : found->second;
    }

 private:
    using Table = std::unordered_map<char32_t, std::u32string>;

    Decompositions() {
        read(kComposed, canonical_);
        for (const auto& [c, pair] : canonical_) {
            composed_[std::uint64_t{pair[0]} << 32 | pair[1]] = c;
            seconds_.add(pair[1]);
        }
        read(kDecomposedOnly, canonical_);
        compatible_ = canonical_;
        read(kCompatible, compatible_);
        for (const auto& [c, ignored] : compatible_) pages_.add(c);
        for (auto& [c, to] : canonical_) expand(to, canonical_);
        for (auto& [c, to] : compatible_) expand(to, compatible_);
    }

    // Records "C0 41 300;" and "FF01-FF5E 21;", as decompositions.inc explains.
    static void read(std::string_view records, Table& table) {
        const char *at = records.data(), *end = at + records.size();
        const auto number = [&] {
            std::uint32_t value = 0;
            at = std::from_chars(at, end, value, 16).ptr;
            return char32_t{value};
        };
        for (++at; at < end;) {  // after the first line ending
            const char32_t first = number();
            char32_t last = first;
            if (*at == '-') ++at, last = number();
            std::u32string to;
            while (*at == ' ') ++at, to += number();
            for (char32_t c = first; c <= last; ++c, ++to[0]) table[c] = to;
            for (++at; at < end && *at == '\n';) ++at;  // after the semicolon
        }
    }

    static void expand(std::u32string& text, const Table& table) {
        for (std::size_t i = 0; i < text.size();) {
            const auto found = table.find(text[i]);
            if (found == table.end())
                ++i;
            else
                text.replace(i, 1, std::u32string(found->second));
        }
    }

    Table canonical_, compatible_;
    std::unordered_map<std::uint64_t, char32_t> composed_;
    Pages pages_, seconds_;
};

// Hangul syllables are composed of a leading consonant, a vowel and possibly a trailing consonant by
// arithmetic (the Unicode Standard 14, section 3.12).
constexpr char32_t kSyllables = 0xAC00, kLeading = 0x1100, kVowels = 0x1161, kTrailing = 0x11A7;
constexpr char32_t kLeadingCount = 19, kVowelCount = 21, kTrailingCount = 28;
constexpr char32_t kSyllableCount = kLeadingCount * kVowelCount * kTrailingCount;

bool is_syllable(char32_t c) {
    return c >= kSyllables && c < kSyllables + kSyllableCount;
}

void decompose_syllable(char32_t c, std::u32string& out) {
    const char32_t index = c - kSyllables;
    out += kLeading + index / (kVowelCount * kTrailingCount);
    out += kVowels + index / kTrailingCount % kVowelCount;
    if (index % kTrailingCount) out += kTrailing + index % kTrailingCount;
}

char32_t compose_syllable(char32_t first, char32_t second) {
    if (first >= kLeading && first < kLeading + kLeadingCount && second >= kVowels &&
        second < kVowels + kVowelCount)
        return kSyllables + ((first - kLeading) * kVowelCount + second - kVowels) * kTrailingCount;
    const bool open = is_syllable(first) && (first - kSyllables) % kTrailingCount == 0;
    if (open && second > kTrailing && second < kTrailing + kTrailingCount)
        return first + second - kTrailing;
    return 0;
}

// Sorts every run of marks by their classes; equal ones keep their order.
void reorder(std::u32string& text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::size_t end = i;
        while (end < text.size() && combining_class(text[end]) > 0) ++end;
        if (end - i > 1)
            std::stable_sort(
                text.begin() + static_cast<std::ptrdiff_t>(i),
                text.begin() + static_cast<std::ptrdiff_t>(end),
                [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
        i = end;
    }
}

// The canonical composition algorithm (the Unicode Standard 14, D117): each code point joins the
// last starter if the two compose and nothing of its own class or a higher one is in between.
void compose(std::u32string& text) {
    const Decompositions& tables = Decompositions::tables();
    std::size_t out = 0;
    std::size_t starter = text.size();  // where it is in what has been written; none yet
    int last = 0;                       // class of what has been written last, after the starter
    for (const char32_t c : text) {
        const int order = combining_class(c);
        const bool adjacent = starter + 1 == out;
        if (starter < text.size() && (adjacent || last < order)) {
            char32_t joined = compose_syllable(text[starter], c);
            if (!joined) joined = tables.compose(text[starter], c);
            if (joined) {
                text[starter] = joined;
                continue;
            }
        }
        if (order == 0) starter = out;
        last = order;
        text[out++] = c;
    }
    text.resize(out);
}

}  // namespace

std::string normalise(std::string_view text, NormalForm form) {
    if (is_ascii(text)) return std::string(text);
    // Below the first code points that decompose or compose, every form is the same.
    const char32_t plain = form == NormalForm::nfc ? 0x300 : 0xA0;
    const std::u32string from = decoded(text);
    const auto unchanged = [&](char32_t c) { return c < plain || (c >= 0x3400 && c <= 0x9FFF); };
    if (std::all_of(from.begin(), from.end(), unchanged)) return std::string(text);

    const bool compatible = form == NormalForm::nfkd || form == NormalForm::nfkc;
    const Decompositions& tables = Decompositions::tables();
    std::u32string to;
    to.reserve(from.size());
    for (const char32_t c : from) {
        if (is_syllable(c))
            decompose_syllable(c, to);
        else if (const std::u32string* found = tables.find(c, compatible))
            to += *found;
        else
            to += c;
    }
    reorder(to);
    if (form == NormalForm::nfc || form == NormalForm::nfkc) compose(to);
    std::string result;
    result.reserve(text.size());
    for (const char32_t c : to) append(result, c);
    return result;
}

std::string lowercase(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char32_t c : decoded(text)) {
        append(result, lowercase(c));
        if (c == 0x130) utf8_append(result, 0x307);  // its lowercase form is two code points
    }
    return result;
}

std::string strip_marks(std::string_view text, Marks marks) {
    if (is_ascii(text)) return std::string(text);
    std::string result;
    result.reserve(text.size());
    for (const char32_t c : decoded(text))
        if (!(marks == Marks::all ? is_mark(c) : is_nonspacing_mark(c))) append(result, c);
    return result;
}

}  // namespace gradus
