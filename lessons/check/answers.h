// SPDX-License-Identifier: MIT
// What every lesson's program contains: answers, ways to install a part in the library, numbers
// that tell answers apart, and the demo. Everything registers itself before main() begins.
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

// One complete set of functions for a lesson: "mine", "solution", "stub", or a mutant's name.
struct Answer {
    std::string lesson, name;
    std::function<void()> use;                  // makes part() this answer from now on
    std::function<std::vector<Calls>()> calls;  // how often each function ran since use()
};
std::vector<Answer>& answers();

// How a lesson's part() takes its place in the library's table of operations (tensor/ops.h):
//     const Install install("03-matmul", [] { ops().softmax_forward = ...; });
struct Install {
    Install(const char* lesson, std::function<void()> run);
};

// Numbers that tell answers apart: what one function of part() computes from fixed inputs. An
// answer that fails the check and equals a mutant in every fingerprint where that mutant differs
// from the solution has made that mutant's mistake.
//     const Fingerprint softmax("softmax_forward", [] { return std::vector<double>{...}; });
struct Fingerprint {
    Fingerprint(const char* function, std::function<std::vector<double>()> run);
};

// The text's worked numbers, computed by part() and printed: what the README quotes must appear
// here or in the demo's output.
struct WorkedNumbers {
    explicit WorkedNumbers(std::function<void()> run);
};

}  // namespace gradus::lessons
