// SPDX-License-Identifier: MIT
// What programs need to know to print for a person: is standard output a terminal, how wide, and
// text broken to fit.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

bool output_is_terminal();
int terminal_columns();  // of stdout; COLUMNS if it is no terminal; 80 if nobody knows
std::string clock_text(double seconds);  // "0:07", "12:30", "2:03:00"
// Text in lines of at most `columns` (0: one less than the terminal has), broken at spaces or,
// where there are none, as in Chinese, between characters; every line but the first is indented.
// Line ends in the text stay. Ends without a line end.
std::string wrapped(std::string_view text, int indent = 0, int columns = 0);

}  // namespace gradus
