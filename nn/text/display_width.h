// SPDX-License-Identifier: MIT
// The number of terminal columns that text occupies: 2 for wide East Asian characters and emoji, 0
// for combining accents, 1 for the rest. Data from the Unicode Character Database 14.0.0.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

// 0, 1 or 2. Control characters count as 0: they print nothing.
int display_width(char32_t code_point);

// The total width of UTF-8 text; malformed bytes count as U+FFFD (1 column). A sequence that a
// terminal may draw as one glyph (a family, a flag, a skin tone) counts as the sum of its parts, as
// in most terminals.
int display_width(std::string_view text);

// The longest prefix of `text` that fits in `columns`, cut between characters, never inside one
// or between a character and its accents.
std::string_view fit_width(std::string_view text, int columns);

}  // namespace gradus
