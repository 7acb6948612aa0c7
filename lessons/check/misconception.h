// SPDX-License-Identifier: MIT
// Which typical mistake an answer makes, told from the numbers that it gives for fixed inputs.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "lessons/check/registry.h"

namespace gradus::lessons {

// Runs the cases of `function`, or all if it has none (a helper), on the answer in use; at the first
// failure calls `failed` with that case's name.
void run_until_failure(const std::string& function,
                       const std::function<void(const std::string&)>& failed);

// Prints the mistakes that explain the numbers which the answer gives: the names of mutants, those
// of `function` only if there are fingerprints of that name (a case about matmul is not explained by
// a mistake in softmax); if there are none, the slips, as "slip RULE FUNCTION PLACE".
int misconception(const std::string& lesson, const std::string& name, const std::string& function);

// The same for many answers, each followed by the function, for authors: in one program, since each
// would compute the numbers of all mutants anew (verify 21: 98 s one by one). Prints a line for each,
// the mistakes joined by ",".
int misconceptions(const std::string& lesson, const std::vector<std::string>& answers_functions);

// Checks every answer "slip ..." in this program, each in a process of its own and for at most
// `seconds` of processor time, and writes a line for each to `path`: id, outcome, its fingerprints
// (as in slips.txt), and the mistakes that it is recognised as, joined by ";"; tabs between them.
int try_slips(const std::string& lesson, const std::string& path, int seconds);

}  // namespace gradus::lessons
