// SPDX-License-Identifier: MIT
// One entry of a lesson's table (part.h): a function that counts its calls.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

#include "lessons/check/answers.h"
#include "lessons/learn.h"

namespace gradus::lessons {

template <class Signature>
class Function;

template <class Result, class... Args>
class Function<Result(Args...)> {
 public:
    // arguments: as in part.inc, "(Real* y, const Real* x, Index n)".
    explicit Function(const char* name, const char* arguments = "")
        : name_(name), arguments_(arguments) {}
    using Body = std::function<Result(Args...)>;

    Function(const Function& other) { *this = other; }
    Function& operator=(const Function& other) {
        name_ = other.name_, arguments_ = other.arguments_, function_ = other.function_;
        calls_ = other.calls_.load();
        return *this;
    }
    Function& operator=(Body function) {
        function_ = std::move(function);
        return *this;
    }
    const Body& body() const { return function_; }
    const char* name() const { return name_; }
    const char* arguments() const { return arguments_; }
    Result operator()(Args... args) const {
        calls_.fetch_add(1, std::memory_order_relaxed);
        return function_(std::forward<Args>(args)...);
    }
    Calls calls() const { return {name_, calls_.load()}; }

 private:
    const char *name_ = "", *arguments_ = "";
    Body function_;
    mutable std::atomic<std::uint64_t> calls_ = 0;  // from any thread
};

}  // namespace gradus::lessons
