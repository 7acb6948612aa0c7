// SPDX-License-Identifier: MIT
// What has registered itself in a program of the course: answers, installs, fingerprints, slips.
#pragma once

#include <functional>
#include <map>
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

// The same for a program that is about no single lesson: the learner's functions wherever they are
// linked in. keep_matmul: except for products, which stay the library's.
void use_mine(bool keep_matmul);

// The same with every solution installed in the library: as if a learner had written them.
void use_reference();

// The lessons that have filled each slot of the table of operations, one after another.
const std::map<std::string, std::vector<std::string>>& all_holders();

// Prints the worked numbers of the text.
void print_numbers();

}  // namespace gradus::lessons
