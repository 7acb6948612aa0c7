// SPDX-License-Identifier: MIT
// The contents of every lesson's program: answers, ways to install a part in the library, numbers
// that tell answers apart, and worked numbers. All register themselves before main() begins.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace gradus::lessons {

struct Calls {
    std::string function;
    std::uint64_t count;
};

// One complete set of functions for a lesson: "mine", "solution", "stub", a mutant's name, or that
// of a near neighbour after "near-".
struct Answer {
    std::string lesson, name;
    std::function<void()> use;                  // makes part() use this answer from then on
    std::function<std::vector<Calls>()> calls;  // how often each function has run since use()
};
// Only main.cpp can read them: the learner's file is compiled with this header.
void add_answer(Answer answer);

// What the slips of a lesson give: the text of its slips.txt (lessons/runner/slips.h).
void add_slips(const char* lesson, const char* lines);

// Puts a lesson's part() into the library's table of operations (tensor/ops.h):
//     const Install install("03-matmul", [] { ops().softmax_forward = ...; });
struct Install {
    Install(const char* lesson, std::function<void()> run);
};

// In a lesson's check.cpp: products and their gradients are the library's, though lessons 03 and 06 may
// be installed: with their loops a whole GPT would take seconds to check. From lesson 28 on the learner's
// are fast enough.
//     const BuiltInMatmul products;
struct BuiltInMatmul {
    BuiltInMatmul();
};

// The lesson whose function is in a slot of that table, "07-unbroadcasting"; "" if it is built in.
std::string holder(const std::string& slot);

// Whether the learner's functions are linked in for this lesson, "07-unbroadcasting".
bool is_own(const std::string& lesson);

// Numbers that tell answers apart: the results of one function of part() for fixed inputs. An
// answer that fails the check makes a mutant's mistake if it matches that mutant in every
// fingerprint in which the mutant differs from the solution.
//     const Fingerprint softmax("softmax_forward", [] { return std::vector<double>{...}; });
struct Fingerprint {
    Fingerprint(const char* function, std::function<std::vector<double>()> run);
};

// The text's worked numbers, computed by part() and printed: every decimal number in the README
// must be printed here or by the demo.
struct WorkedNumbers {
    explicit WorkedNumbers(std::function<void()> run);
};

}  // namespace gradus::lessons
