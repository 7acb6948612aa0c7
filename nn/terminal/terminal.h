// SPDX-License-Identifier: MIT
// What programs need to know to print for a person: is standard output a terminal, how wide, and
// text broken to fit.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gradus {

bool output_is_terminal();
int terminal_columns();  // of stdout; COLUMNS if it is not a terminal; 80 if nobody knows
int terminal_rows();     // of stdout; LINES if it is not a terminal; 24 if nobody knows

struct TerminalAbilities {
    bool live = false;     // what was printed can be drawn over
    bool colour = false;   // SGR sequences are understood and wanted
    bool unicode = false;  // the locale's characters are UTF-8
};

// Live: a terminal that TERM does not call "dumb", unless the user wants it plain. Colour: where it
// is live; FORCE_COLOR asks for it elsewhere too, NO_COLOR (https://no-color.org) has the last word
// and takes nothing but the colour. Unicode: by the first of LC_ALL, LC_CTYPE and LANG that is set.
TerminalAbilities terminal_abilities(bool plain, bool ascii);
// The same as a pure function; environment(NAME) is null for what is not set.
TerminalAbilities terminal_abilities(bool plain, bool ascii, bool is_terminal,
                                     const std::function<const char*(const char*)>& environment);

std::string clock_text(double seconds);  // "0:07", "12:30", "2:03:00"
// Text in lines of at most `columns` (0: one less than the terminal has), broken at spaces or,
// where there are none, as in Chinese, between characters; every line but the first is indented.
// Line ends in the text stay. Ends without a line end.
std::string wrapped(std::string_view text, int indent = 0, int columns = 0);

}  // namespace gradus
