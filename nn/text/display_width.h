// SPDX-License-Identifier: MIT
// How many columns of a terminal a text takes: 2 for the ideographs of East Asia and for emoji, 0
// for accents that sit on the character before, 1 for the rest. From the Unicode Character
// Database 14.0.0.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

// 0, 1 or 2. Control characters count 0: what they do is not printing.
int display_width(char32_t code_point);

// The sum over a text in UTF-8; malformed bytes count 1 as U+FFFD. A sequence that a terminal may
// draw as one picture (a family, a flag, a skin tone) counts as its parts, as most terminals do.
int display_width(std::string_view text);

// The longest beginning of `text` that fits into `columns`, cut between characters, never inside
// one and never between a character and its accents.
std::string_view fit_width(std::string_view text, int columns);

}  // namespace gradus
