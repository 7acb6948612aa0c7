// SPDX-License-Identifier: MIT
#include "nn/text/utf8.h"

#include <algorithm>
#include <array>

#include "nn/text/display_width.h"
#include "tensor/error.h"

namespace gradus {

Utf8Step utf8_step(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    if (first < 0x80) return {first, 1, true, false};

    // Table 3-7: the first byte gives the length and restricts the second, which rules out
    // overlong forms (E0, F0), surrogates (ED) and code points above U+10FFFF (F4).
    int length = 0;
    unsigned low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF) length = 2;
    if (first >= 0xE0 && first <= 0xEF) length = 3;
    if (first >= 0xF0 && first <= 0xF4) length = 4;
    if (first == 0xE0) low = 0xA0;
    if (first == 0xED) high = 0x9F;
    if (first == 0xF0) low = 0x90;
    if (first == 0xF4) high = 0x8F;
    if (length == 0) return {kReplacement, 1, false, false};

    char32_t code_point = first & (0x7Fu >> length);
    for (int i = 1; i < length; ++i) {
        const auto at = static_cast<std::size_t>(i);
        if (at == text.size()) return {kReplacement, i, false, true};
        if (byte(at) < low || byte(at) > high) return {kReplacement, i, false, false};
        code_point = code_point << 6 | (byte(at) & 0x3F);
        low = 0x80, high = 0xBF;
    }
    return {code_point, length, true, false};
}

std::string_view utf8_first(std::string_view text) {
    const Utf8Step step = utf8_step(text);
    return text.substr(0, step.valid ? static_cast<std::size_t>(step.bytes) : 1);
}

std::vector<std::string_view> utf8_characters(std::string_view text) {
    std::vector<std::string_view> result;
    for (; !text.empty(); text.remove_prefix(result.back().size()))
        result.push_back(utf8_first(text));
    return result;
}

std::size_t utf8_valid_prefix(std::string_view text) {
    std::size_t i = 0;
    while (i < text.size()) {
        const Utf8Step step = utf8_step(text.substr(i));
        if (!step.valid) break;
        i += static_cast<std::size_t>(step.bytes);
    }
    return i;
}

Index utf8_count(std::string_view text) {
    Index n = 0;
    for (std::size_t i = 0; i < text.size(); ++n)
        i += static_cast<std::size_t>(utf8_step(text.substr(i)).bytes);
    return n;
}

std::u32string utf8_decode(std::string_view text) {
    std::u32string result;
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        result += step.code_point;
        i += static_cast<std::size_t>(step.bytes);
    }
    return result;
}

void utf8_append(std::string& text, char32_t c) {
    const auto add = [&](char32_t byte) { text += static_cast<char>(byte); };
    const auto tail = [&](int shift) { add(0x80 | (c >> shift & 0x3F)); };
    require(c < 0xD800 || (c > 0xDFFF && c <= 0x10FFFF), "utf8: U+{:04X} is not a character",
            static_cast<std::uint32_t>(c));
    if (c < 0x80) {
        add(c);
    } else if (c < 0x800) {
        add(0xC0 | c >> 6), tail(0);
    } else if (c < 0x10000) {
        add(0xE0 | c >> 12), tail(6), tail(0);
    } else {
        add(0xF0 | c >> 18), tail(12), tail(6), tail(0);
    }
}

std::string utf8_encode(std::u32string_view code_points) {
    std::string text;
    for (const char32_t c : code_points) utf8_append(text, c);
    return text;
}

Index CodePointSet::add(std::string_view utf8) {
    Index count = 0;
    for (std::size_t i = 0; i < utf8.size(); ++count) {
        const Utf8Step step = utf8_step(utf8.substr(i));
        if (step.code_point >= seen_.size()) seen_.resize(step.code_point + 1);
        seen_[step.code_point] = true;
        i += static_cast<std::size_t>(step.bytes);
    }
    return count;
}

std::u32string CodePointSet::list() const {
    std::u32string distinct;
    for (char32_t c = 0; c < seen_.size(); ++c)
        if (seen_[c]) distinct += c;
    return distinct;
}

TextPosition text_position(std::string_view text, std::size_t offset) {
    const std::string_view before = text.substr(0, offset);
    const std::size_t newline = before.rfind('\n');
    const std::size_t begin = newline == before.npos ? 0 : newline + 1;
    return {1 + static_cast<Index>(std::count(before.begin(), before.end(), '\n')),
            1 + utf8_count(before.substr(begin))};
}

std::string code_point_name(char32_t c) {
    const std::string number = fmt::format("U+{:04X}", static_cast<std::uint32_t>(c));
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
    if (control || display_width(c) == 0) return number;
    return "'" + utf8_encode({&c, 1}) + "' (" + number + ")";
}

std::string in_quotes(std::string_view text) {
    std::string result = "\"";
    // 100 bytes hold at least 25 code points of at most 4 bytes; cutting there bounds the work,
    // however long the text is.
    const auto all = utf8_characters(text.substr(0, 100));
    for (std::size_t i = 0; i < all.size() && i < 24; ++i) {
        const auto byte = static_cast<unsigned char>(all[i][0]);
        // U+0080 to U+009F are control characters too; in UTF-8 they are C2 80 to C2 9F.
        const bool control = byte < 0x20 || byte == 0x7F ||
                             (byte == 0xC2 && all[i].size() == 2 && (all[i][1] & 0xE0) == 0x80);
        if (byte == '\n') {
            result += "\\n";
        } else if (control || (byte >= 0x80 && all[i].size() == 1)) {
            for (char c : all[i]) result += fmt::format("\\x{:02X}", static_cast<unsigned char>(c));
        } else {
            result += all[i];
        }
    }
    return result + (all.size() > 24 ? "...\"" : "\"");
}

std::string utf8_complaint(std::string_view text, std::size_t offset) {
    return utf8_complaint(text[offset], offset, text_position(text, offset));
}

std::string utf8_complaint(char byte, std::size_t offset, const TextPosition& at) {
    return fmt::format("not UTF-8: byte 0x{:02X} at offset {} (line {}, column {})",
                       static_cast<unsigned char>(byte), offset, at.line, at.column);
}

std::string Utf8Stream::feed(std::string_view bytes) {
    waiting_ += bytes;
    const std::string_view text = waiting_;
    std::string whole;
    std::size_t i = 0;
    while (i < text.size()) {
        const Utf8Step step = utf8_step(text.substr(i));
        if (step.cut_short) break;
        utf8_append(whole, step.code_point);
        i += static_cast<std::size_t>(step.bytes);
    }
    waiting_.erase(0, i);
    return whole;
}

std::string Utf8Stream::finish() {
    const bool unfinished = !waiting_.empty();
    waiting_.clear();
    return unfinished ? utf8_encode({&kReplacement, 1}) : std::string();
}

}  // namespace gradus
