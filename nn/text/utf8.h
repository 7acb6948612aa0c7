// SPDX-License-Identifier: MIT
// UTF-8, the encoding of text as bytes: validation, decoding and encoding (The Unicode Standard 14,
// section 3.9, table 3-7). A code point takes one to four bytes; overlong forms, surrogates and
// everything above U+10FFFF are malformed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/real.h"

namespace gradus {

inline constexpr char32_t kReplacement = 0xFFFD;  // U+FFFD, shown in place of malformed bytes

// One step of a walk through text: a code point, or malformed bytes in place of one.
struct Utf8Step {
    char32_t code_point;  // kReplacement if malformed
    int bytes;            // 1 to 4
    bool valid;
    bool cut_short;  // malformed only because the text ends here: more bytes could complete it
};

// The first step of non-empty text. Malformed bytes form one step as long as they could begin a
// code point (a "maximal subpart", section 3.9, D93b), so every decoder that follows the standard
// shows the same number of U+FFFD.
//   for (std::size_t i = 0; i < text.size(); i += utf8_step(text.substr(i)).bytes) ...
Utf8Step utf8_step(std::string_view text);

// True for a byte that continues a code point rather than beginning one.
inline bool utf8_continues(char byte) {
    return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

// Splits text into characters without loss; a byte that is part of no code point counts as one.
// utf8_first() returns the first character of non-empty text, utf8_characters() all of them.
std::string_view utf8_first(std::string_view text);
std::vector<std::string_view> utf8_characters(std::string_view text);

// Offset of the first malformed byte; text.size() if there is none.
std::size_t utf8_valid_prefix(std::string_view text);

// Number of code points; malformed bytes that form one utf8_step() count as one.
Index utf8_count(std::string_view text);

// The code points, with U+FFFD for malformed bytes.
std::u32string utf8_decode(std::string_view text);

// Appends one code point. Throws std::invalid_argument for a surrogate or anything above U+10FFFF.
void utf8_append(std::string& text, char32_t code_point);
std::string utf8_encode(std::u32string_view code_points);

// The distinct code points of a text that may arrive in pieces of whole characters.
class CodePointSet {
 public:
    Index add(std::string_view utf8);  // returns the number of its characters
    std::u32string list() const;       // in increasing order

 private:
    std::vector<bool> seen_;  // by code point
};

// The position of a byte as editors show it: line and column, counted from 1, columns in code
// points.
struct TextPosition {
    Index line, column;
};
TextPosition text_position(std::string_view text, std::size_t offset);

// The name of a code point in messages: "'é' (U+00E9)", or "U+000A" if it is not visible.
std::string code_point_name(char32_t code_point);

// At most the first 24 characters, in quotation marks, made safe for a one-line message: no control
// characters, no malformed UTF-8.
std::string in_quotes(std::string_view text);

// "not UTF-8: byte 0xFF at offset 7 (line 1, column 8)": the message for the malformed byte at
// `offset`, as found by utf8_valid_prefix.
std::string utf8_complaint(std::string_view text, std::size_t offset);
// The same for a byte of a longer text of which only a piece is at hand.
std::string utf8_complaint(char byte, std::size_t offset, const TextPosition& at);

// Turns bytes that arrive in pieces into whole code points, to print a byte-level model's output
// token by token. However the bytes are split, the returned pieces add up to the same text;
// malformed bytes become U+FFFD.
class Utf8Stream {
 public:
    std::string feed(std::string_view bytes);  // the code points that are complete so far
    std::string finish();  // U+FFFD if the last code point is incomplete; then starts afresh

 private:
    std::string waiting_;  // the beginning of a code point: at most 3 bytes
};

}  // namespace gradus
