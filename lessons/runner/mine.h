// SPDX-License-Identifier: MIT
// ./gradus gpt --mine: builds the GPT program on the learner's parts, and checks its receipts; and
// ./gradus blame, which finds the part that breaks it.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"
#include "lessons/runner/show.h"

namespace gradus::lessons {

// What is counted in a learner's file: the lesson's functions, and the structs that can be called. Not
// what makes these for the check ("make_block"), which the stub had already.
std::vector<std::string> counted_names(const std::string& text, const Lesson& lesson);

// A copy of the file in which each of them begins by counting the call: { count(calls_18[2]);. Lines
// stay the same.
std::string counted(const std::string& text, const Lesson& lesson);

// Whether the code has something static that is not constant: then it runs on one thread only.
bool keeps_something(const std::string& text);

// Builds that program. Throws std::invalid_argument if no lesson has passed, or if the files do not
// compile in float, and MachineError.
std::string build_mine(const Course& course);

// Runs it with these words, "gpt" first; --mine is left out. Returns only if that fails.
int mine_command(const Course& course, const std::vector<std::string>& words);

// Runs the GPT with the learner's parts one at a time (lessons/mine/blame.cpp). Returns only if that
// fails.
int blame_command(const Course& course);

// Checks a receipt's chain and shows what it says; `replay`: runs its first steps again, and compares
// the losses.
int receipt_command(const Course& course, const std::string& path, bool replay,
                    const TerminalStyle& style);

}  // namespace gradus::lessons
