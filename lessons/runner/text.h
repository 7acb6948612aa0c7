// SPDX-License-Identifier: MIT
// What the readers of lessons, progress and compilers' messages do with text. Nothing of the
// library is used: the build's own make_answers includes this before the library exists.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus::lessons {

// A text in lines, without their ends (\n or \r\n).
std::vector<std::string> lines_of(const std::string& text);
// Without blanks, tabs and line ends around it.
std::string trimmed(std::string_view text);
// "a, b,c" as {"a", "b", "c"}.
std::vector<std::string> words_of(const std::string& list);

}  // namespace gradus::lessons
