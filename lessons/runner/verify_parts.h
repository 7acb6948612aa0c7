// SPDX-License-Identifier: MIT
// The parts of verify.h that have files of their own.
#pragma once

#include <fmt/core.h>

#include <string>
#include <utility>
#include <vector>

#include "lessons/runner/verify.h"

namespace gradus::lessons {

// What every verifier does: it reports each problem as a sentence, in the list of its findings.
class Reports {
 protected:
    explicit Reports(std::vector<std::string>& problems) : problems_(problems) {}

    template <class... Args>
    void problem(fmt::format_string<Args...> format, Args&&... args) {
        problems_.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

 private:
    std::vector<std::string>& problems_;
};

bool is_ascii(const std::string& text);

// What the lesson's own program prints; a problem if it fails.
std::string output_of_program(const Course& course, const Lesson& lesson,
                              std::vector<std::string> arguments, Findings& findings);

// The text and the demo: blocks, numbers, code, links, widths, reading time.
void verify_text(const Course& course, const Lesson& lesson, Findings& findings);

}  // namespace gradus::lessons
