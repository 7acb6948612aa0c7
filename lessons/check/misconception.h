// SPDX-License-Identifier: MIT
// Which typical mistake an answer makes, told from the numbers that it gives for fixed inputs.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "lessons/check/answers.h"

namespace gradus::lessons {

// What a stub throws.
struct Unfinished : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct NamedFingerprint {
    std::string function;
    std::function<std::vector<double>()> run;
};
struct SlipTable {
    std::string lesson, lines;
};

// What has registered itself in this program.
std::vector<Answer>& answers();
std::vector<NamedFingerprint>& fingerprints();
std::vector<SlipTable>& slip_tables();

const Answer* find(const std::string& lesson, const std::string& name);

// Every other lesson linked into this program runs on the learner's functions or, if there are
// none, on the solution's. Of those, only the learner's are installed in the library.
void use(const std::string& lesson, const std::string& name);

// Runs the cases of `function`, or all if it has none (a helper), on the answer in use; at the first
// failure calls `failed` with that case's name.
void run_until_failure(const std::string& function,
                       const std::function<void(const std::string&)>& failed);

// Prints the mistakes that explain the numbers which the answer gives: the names of mutants, those
// of `function` only if there are fingerprints of that name (a case about matmul is not explained by
// a mistake in softmax); if there are none, the slips, as "slip RULE FUNCTION PLACE".
int misconception(const std::string& lesson, const std::string& name, const std::string& function);

// Checks every answer "slip ..." in this program, each in a process of its own and for at most
// `seconds` of processor time, and writes a line for each to `path`: id, outcome, its fingerprints
// (as in slips.txt), and the mistakes that it is recognised as, joined by ";"; tabs between them.
int try_slips(const std::string& lesson, const std::string& path, int seconds);

}  // namespace gradus::lessons
