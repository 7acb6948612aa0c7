// SPDX-License-Identifier: MIT
// For ./gradus blame: runs a learner's function beside the reference, on the same inputs, wherever a
// run calls it; the run goes on with the reference's results. So the first difference is the
// function's own, and not that of another one before it.
//
//     const Watched watched(GRADUS_LESSON_NAME, [](const auto& use) {
//         ...
//     });
#pragma once

#include <fmt/core.h>

#include <cmath>
#include <functional>
#include <string>
#include <tuple>
#include <vector>

#include "autograd/variable.h"
#include "lessons/check/function.h"
#include "tensor/tokens.h"

namespace gradus::lessons {

// The first difference that a watched function has shown; empty: none yet.
struct Difference {
    std::string function, sizes;  // "mix", "T = 5, HS = 8"
    std::uint64_t call = 0;       // counted from 1; 0: not known
    std::string what;             // "number 3 of 40 is 0.5, and should be 0.25"
};

// "Tq = 4, HS = 8", from the text of the arguments, "(Real* s, Index Tq, Index HS)", and the values of
// those that are an Index.
std::string named_sizes(const std::string& arguments, const std::vector<Index>& values);

class Watcher {
 public:
    // An array that a function writes: which of its arguments, and how many numbers.
    struct Array {
        std::size_t argument;
        Index count;
    };

    // A function that writes arrays; arrays(the arguments) lists them, sizes(the arguments) names
    // the sizes.
    template <class... Args, class Arrays>
    void arrays(Function<void(Args...)>& entry, const Function<void(Args...)>& mine,
                const Arrays& list) {
        const auto reference = entry.body(), own = mine.body();
        entry = [this, reference, own, list, name = entry.name(), text = entry.arguments(),
                 call = std::uint64_t{0}](Args... args) mutable {
            ++call;
            std::tuple<Args...> copy(args...);
            const std::vector<Array> all = list(args...);
            std::vector<std::vector<Real>> outputs;
            outputs.reserve(all.size());
            exchange(copy, all, outputs, std::index_sequence_for<Args...>());
            bool threw = false;
            std::string problem;
            if (is_open(name)) problem = attempt([&] { std::apply(own, copy); }, threw);
            reference(args...);
            if (!is_open(name)) return;
            const std::string sizes = named_sizes(text, sizes_of(args...));
            if (threw) return note(name, sizes, call, problem);
            const std::tuple<Args...> originals(args...);
            for (std::size_t i = 0; i < all.size(); ++i)
                compare(name, sizes, call, outputs[i],
                        pointer(originals, all[i].argument, std::index_sequence_for<Args...>()));
        };
    }

    // A function that returns something of which numbers_of() makes numbers.
    template <class Result, class... Args>
    void result(Function<Result(Args...)>& entry, const Function<Result(Args...)>& mine) {
        const auto reference = entry.body(), own = mine.body();
        entry = [this, reference, own, name = entry.name(),
                 call = std::uint64_t{0}](Args... args) mutable -> Result {
            ++call;
            bool threw = false;
            std::vector<Real> yours;
            std::string problem;
            if (is_open(name)) problem = attempt([&] { yours = numbers_of(own(args...)); }, threw);
            const Result expected = reference(args...);
            if (!is_open(name)) return expected;
            if (threw) {
                note(name, "", call, problem);
                return expected;
            }
            const std::vector<Real> numbers = numbers_of(expected);
            if (yours.size() != numbers.size())
                note(name, "", call,
                     fmt::format("gives {} numbers, and should give {}", yours.size(),
                                 numbers.size()));
            else
                compare(name, "", call, yours, numbers.data());
            return expected;
        };
    }

    // For functions that change what they are given: compares what the two made of it, as numbers.
    void check(const std::string& name, const std::vector<Real>& yours,
               const std::vector<Real>& expected) {
        if (yours.size() != expected.size())
            note(
                name, "", 0,
                fmt::format("gives {} numbers, and should give {}", yours.size(), expected.size()));
        else
            compare(name, "", 0, yours, expected.data());
    }
    // Runs what a learner wrote; if it throws, that is the difference.
    bool runs(const std::string& name, const std::function<void()>& own) {
        bool threw = false;
        const std::string problem = attempt(own, threw);
        if (threw) note(name, "", 0, problem);
        return !threw;
    }

    const std::vector<Difference>& found() const { return found_; }

    static std::vector<Real> numbers_of(double x) { return {static_cast<Real>(x)}; }
    static std::vector<Real> numbers_of(const Tensor& x) { return x.to_vector(); }
    // Also whether a gradient can flow through it.
    static std::vector<Real> numbers_of(const Variable& x) {
        std::vector<Real> all = x.value().to_vector();
        all.push_back(static_cast<Real>(x.requires_grad()));
        return all;
    }
    static std::vector<Real> numbers_of(const std::vector<int>& x) { return {x.begin(), x.end()}; }
    template <class Pair>
    requires requires(const Pair& x) { x.inputs.id, x.targets.id; }
    static std::vector<Real> numbers_of(const Pair& x) {
        std::vector<Real> all = numbers_of(x.inputs.id);
        for (const int id : x.targets.id) all.push_back(static_cast<Real>(id));
        return all;
    }

 private:
    bool is_open(const std::string& name) const {
        for (const auto& difference : found_)
            if (difference.function == name) return false;
        return true;
    }
    void note(const std::string& name, const std::string& sizes, std::uint64_t call,
              const std::string& what) {
        if (is_open(name)) found_.push_back({name, sizes, call, what});
    }
    void compare(const std::string& name, const std::string& sizes, std::uint64_t call,
                 const std::vector<Real>& yours, const Real* expected) {
        for (std::size_t i = 0; i < yours.size(); ++i) {
            const Real a = yours[i], b = expected[i];
            if (a == b || std::abs(a - b) <= 1e-9 * std::max<Real>(1, std::abs(b))) continue;
            return note(name, sizes, call,
                        fmt::format("number {} of {} is {:.6g}, and should be {:.6g}", i,
                                    yours.size(), a, b));
        }
    }
    static std::string attempt(const std::function<void()>& run, bool& threw) {
        try {
            run();
            return "";
        } catch (const std::exception& error) {
            threw = true;
            return error.what();
        }
    }

    // Copies of the arrays that are written, in the place of the originals.
    template <class Tuple, std::size_t... I>
    static void exchange(Tuple& arguments, const std::vector<Array>& all,
                         std::vector<std::vector<Real>>& outputs, std::index_sequence<I...>) {
        for (const Array& array : all) {
            const auto take = [&](auto& argument, std::size_t i) {
                if constexpr (std::same_as<std::remove_cvref_t<decltype(argument)>, Real*>)
                    if (i == array.argument) {
                        outputs.emplace_back(argument, argument + array.count);
                        argument = outputs.back().data();
                    }
            };
            (take(std::get<I>(arguments), I), ...);
        }
    }
    template <class Tuple, std::size_t... I>
    static const Real* pointer(const Tuple& arguments, std::size_t wanted,
                               std::index_sequence<I...>) {
        const Real* found = nullptr;
        const auto look = [&](const auto& argument, std::size_t i) {
            if constexpr (std::same_as<std::remove_cvref_t<decltype(argument)>, Real*>)
                if (i == wanted) found = argument;
        };
        (look(std::get<I>(arguments), I), ...);
        return found;
    }
    template <class... Args>
    static std::vector<Index> sizes_of(const Args&... args) {
        std::vector<Index> list;
        const auto add = [&](const auto& argument) {
            if constexpr (std::same_as<std::remove_cvref_t<decltype(argument)>, Index>)
                list.push_back(argument);
        };
        (add(args), ...);
        return list;
    }

    std::vector<Difference> found_;
};

// What a lesson has watched: `install` puts a watcher around the functions in its part(), which are
// the reference's; `mine` makes part() the learner's, and `reference` makes it the reference's again.
struct Watched {
    using Switch = std::function<void()>;
    Watched(
        const char* lesson,
        std::function<void(Watcher& watcher, const Switch& mine, const Switch& reference)> install);
};

}  // namespace gradus::lessons
