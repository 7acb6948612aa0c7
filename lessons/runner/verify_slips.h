// SPDX-License-Identifier: MIT
// Makes the commonest slips (slips.h) in a lesson's solution, and sees what becomes of each.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"

namespace gradus::lessons {

struct SlipFindings {
    std::vector<std::string> problems;
    int made = 0, compiled = 0;
    int failing = 0;  // of those, how many change what the check sees
    int named = 0;    // of those, how many are told in words: a mutant's, a slip's
    int placed = 0;   // ... or end in a crash or an endless loop, which is told with its line
    double seconds = 0;
};

// Compiles all slips of the lesson as one source, checks each, and compares with slips.txt. With
// `update`, writes slips.txt instead; the reasons there for slips that pass are kept.
SlipFindings verify_slips(const Course& course, const Lesson& lesson, bool update);

}  // namespace gradus::lessons
