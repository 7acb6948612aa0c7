// SPDX-License-Identifier: MIT
// Splits C++ into tokens, to tell whether code has changed or only its comments and layout.
#pragma once

#include <string>
#include <vector>

namespace gradus::lessons {

// The tokens of C++ text, in order. Comments and spaces separate tokens; the end of a preprocessor
// directive is a token of its own, because there a line break means something. Literals are kept as
// they stand, raw strings included. Text that is not C++ gives tokens all the same.
std::vector<std::string> tokens_of(const std::string& text);

// The text with spaces in place of its comments and of the literals between quotation marks: every
// other character stays where it is.
std::string code_only(const std::string& text);

}  // namespace gradus::lessons
