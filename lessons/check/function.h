// SPDX-License-Identifier: MIT
// One entry of a lesson's table (part.h): a function that counts its calls.
#pragma once

#include <utility>

#include "lessons/check/answers.h"
#include "lessons/learn.h"

namespace gradus::lessons {

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
