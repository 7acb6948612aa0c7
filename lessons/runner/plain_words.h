// SPDX-License-Identifier: MIT
// The usual errors and warnings of g++ and clang++ in plain words.
#pragma once

#include <string>

namespace gradus::lessons {

// What a message of the compiler means and what to do about it, for the dozen or two that beginners
// meet most; any other as it stands, with shorter names of types. `line` is the learner's line.
std::string plain_words(const std::string& message, const std::string& line);

}  // namespace gradus::lessons
