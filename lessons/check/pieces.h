// SPDX-License-Identifier: MIT
// A mistake changes one or two functions of a solution; the answer made from it repeats these, and
// whatever calls them, and takes the rest from the solution: in lesson 21, half of the code to compile.
#pragma once

#include <string>

namespace gradus::lessons {

// The text of `changed`, with what it shares with `original` as using-declarations: "using
// solution_21::scores;", where `space` is the namespace of the original's answer. Both are a lesson's
// file, with its functions in namespace mine. A text that cannot be taken to pieces is given back whole.
std::string only_changes(const std::string& original, const std::string& changed,
                         const std::string& space);

}  // namespace gradus::lessons
