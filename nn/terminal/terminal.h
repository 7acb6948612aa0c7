// SPDX-License-Identifier: MIT
// For programs with human-readable output: whether standard output is a terminal, the terminal's
// size and capabilities, and text wrapped to fit.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace gradus {

// Opens /dev/null as standard input, output or error where a program was started without it
// (>&-): the next file that it opened would take its place, and receive what is printed. To be
// called first in main().
void open_standard_files();

bool output_is_terminal();
int terminal_columns();  // of stdout; COLUMNS if it is not a terminal; 80 if unknown
int terminal_rows();     // of stdout; LINES if it is not a terminal; 24 if unknown

struct TerminalCapabilities {
    bool live = false;     // printed lines can be overwritten
    bool colour = false;   // SGR sequences are understood and wanted
    bool unicode = false;  // the locale's encoding is UTF-8
};

// live: on a terminal whose TERM is set and is not "dumb", unless `plain`. colour: if live or
// FORCE_COLOR is set; NO_COLOR (https://no-color.org) overrides both and turns off only colour.
// unicode: unless `ascii`, decided by the first of LC_ALL, LC_CTYPE and LANG that is set.
TerminalCapabilities terminal_capabilities(bool plain, bool ascii);
// The same, as a pure function; environment(NAME) returns null if the variable is not set.
TerminalCapabilities terminal_capabilities(
    bool plain, bool ascii, bool is_terminal,
    const std::function<const char*(const char*)>& environment);

std::string clock_text(double seconds);  // "0:07", "12:30", "2:03:00"
// Wraps text to at most `columns` (0: one fewer than the terminal has), at spaces or, where there
// are none, as in Chinese, between characters. Every line but the first is indented. Line breaks in
// the text are kept; none is added at the end.
std::string wrapped(std::string_view text, int indent = 0, int columns = 0);

}  // namespace gradus
