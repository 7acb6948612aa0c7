// SPDX-License-Identifier: MIT
// The part of a lesson: the functions its learner writes, as a table. One line of the lesson's
// part.inc,
//
//     PART(void, softmax_forward, (Real* y, const Real* x, Index rows, Index cols))
//
// is one entry. The check, the demo and the library call the entries and never a name, so that the
// learner's functions, the solution's and those of every typical mistake (a "mutant") fit into the
// same place. Compiled once a lesson, with GRADUS_LESSON = lesson_03, GRADUS_LESSON_NAME =
// "03-matmul", GRADUS_PART = the path of part.inc and, if the lesson gives types of its own,
// GRADUS_GIVEN = the path of given.h.
#pragma once

#include <utility>

#include "lessons/check/answers.h"
#include "lessons/learn.h"
#ifdef GRADUS_GIVEN
#include GRADUS_GIVEN
#endif

namespace gradus::lessons {

// One entry: somebody's function, and how often it was called.
template <class Signature>
class Function;

template <class Result, class... Args>
class Function<Result(Args...)> {
 public:
    explicit Function(const char* name) : name_(name) {}
    Function& operator=(Result (*function)(Args...)) {
        function_ = function;
        return *this;
    }
    Result operator()(Args... args) const {
        ++calls_;
        return function_(std::forward<Args>(args)...);
    }
    Calls calls() const { return {name_, calls_}; }

 private:
    const char* name_;
    Result (*function_)(Args...) = nullptr;
    mutable std::uint64_t calls_ = 0;
};

}  // namespace gradus::lessons

namespace gradus::GRADUS_LESSON {

struct Part {
#define PART(result, name, arguments) lessons::Function<result arguments> name{#name};
#include GRADUS_PART
#undef PART
};

// The functions in use: those of the answer that was chosen last.
inline Part& part() {
    static Part chosen;
    return chosen;
}

// Enters an answer of this lesson into the list of all.
inline bool enter(const char* answer, const Part& functions) {
    const auto calls = [] {
        return std::vector<lessons::Calls>{
#define PART(result, name, arguments) part().name.calls(),
#include GRADUS_PART
#undef PART
        };
    };
    lessons::answers().push_back(
        {GRADUS_LESSON_NAME, answer, [functions] { part() = functions; }, calls});
    return true;
}

}  // namespace gradus::GRADUS_LESSON
