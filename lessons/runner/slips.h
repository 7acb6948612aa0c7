// SPDX-License-Identifier: MIT
// The commonest slips (lessons/slips.md), applied to every place of a lesson's solution where they
// are possible. What each of them gives is kept in the lesson's slips.txt, one line a slip:
//
//     overwrites matmul 15:43 fails 2.71828182845905 = !
//     sign matmul 15:43 passes: the sum is squared
//
// that is the rule, the function, line and column in solution.h, the outcome, and one word for each
// fingerprint of the check, which lessons/check/misconception.cpp compares with a learner's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lessons/runner/lesson.h"

namespace gradus::lessons {

// One way to make the slip: a regular expression for a piece of a line, and what replaces it.
struct SlipEdit {
    std::string where;  // "text", "index" (inside [ ]), "value" (outside), or a move of whole lines
    std::string pattern, replacement;
};
struct SlipRule {
    std::string name, sentence;  // {function} stands for the function's name
    std::vector<SlipEdit> edits;
};

// A rule at one place of the solution.
struct Slip {
    std::string rule, function;
    std::string place;  // "15:43", also with a letter, "15:43b", if it can be made in several ways
    std::string sentence;   // for the learner
    std::string line;       // the changed line, for authors
    std::string functions;  // the changed function and those that call it

    std::string id() const { return rule + " " + function + " " + place; }
};

// A line of slips.txt.
struct SlipRecord {
    std::string id;
    std::string outcome;  // fails, crashes, late, passes, invalid (does not compile)
    std::string rest;     // the fingerprints; after "passes:", the reason
};

// The rules, from lessons/slips.md. Throws LessonError.
std::vector<SlipRule> read_slip_rules(const std::string& path);

// Every rule at every place, in the order of solution.h.
std::vector<Slip> slips_of(const Lesson& lesson, const std::vector<SlipRule>& rules);

// Those of the course's lesson: with the rules of the table beside its folder.
std::vector<Slip> slips_of(const Lesson& lesson);

// The solution and these slips as answers "slip RULE FUNCTION PLACE", in one source; the compiler's
// messages name a slip's lines by its id.
std::string slips_unit(const Lesson& lesson, const std::vector<Slip>& slips);

// slips.txt, if the lesson has one. Throws LessonError if a line breaks the form.
std::vector<SlipRecord> read_slip_records(const Lesson& lesson);
std::string to_text(const std::vector<SlipRecord>& records);

}  // namespace gradus::lessons
