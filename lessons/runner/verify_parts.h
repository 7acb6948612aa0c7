// SPDX-License-Identifier: MIT
// The parts of verify.h that have files of their own.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "lessons/runner/verify.h"

namespace gradus::lessons {

bool is_ascii(const std::string& text);

// What the lesson's own program prints; a problem if it fails.
std::string output_of_program(const Course& course, const Lesson& lesson,
                              std::vector<std::string> arguments, Findings& findings);

// The text and the demo: blocks, numbers, code, links, widths, reading time.
void verify_text(const Course& course, const Lesson& lesson, Findings& findings);

}  // namespace gradus::lessons
