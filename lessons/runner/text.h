// SPDX-License-Identifier: MIT
// Text helpers for reading lessons, progress and compiler messages. They use nothing from the
// library: make_answers, which the build runs before the library exists, includes this file.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus::lessons {

// The lines of `text`, without their endings (\n or \r\n).
std::vector<std::string> lines_of(const std::string& text);
// `text` without the blanks, tabs and newlines around it.
std::string trimmed(std::string_view text);
// "a, b,c" as {"a", "b", "c"}.
std::vector<std::string> words_of(const std::string& list);

}  // namespace gradus::lessons
