// SPDX-License-Identifier: MIT
// Text from elsewhere (training data, a model, the name of a file) on its way to a terminal. A
// terminal obeys the control codes in what it shows (ECMA-48): they can rewrite the screen, change
// the window's title or, in some terminals, the clipboard. All output that may hold such text goes
// through these functions; colours and cursor movements of our own do not.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace gradus {

// The text with every control character except newline and tab written out: ESC as \u001b, and so
// for DEL, U+0080 to U+009F and the characters that change the direction of what follows (Unicode
// TR 36, section 3.2.2). Malformed bytes become \x9b; everything else stays as it is.
std::string printable(std::string_view text);

// What standard output may be sent: printable(text) if it is a terminal, otherwise the text itself,
// so that a file or a pipe gets every byte.
std::string for_output(std::string_view text);

// Writes the text to a stream, as for_output() does for stdout. Throws std::system_error on failure.
void print_text(std::FILE* stream, std::string_view text);

// Writes an error to standard error as one line, "gradus: WHAT", of at most 500 bytes: of a longer
// one (which quotes a field of 50 MB) the beginning and the end. For the end of main(): the terminal
// may be gone and the memory used up, so a failure to write is ignored.
void print_error(std::string_view what) noexcept;

// Text as one word of a POSIX shell, whatever it contains; for commands that we print. Control
// characters take the form $'\x1b', which bash, zsh, ksh and (since 2024) POSIX understand.
std::string shell_word(std::string_view text);

}  // namespace gradus
