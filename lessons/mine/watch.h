// SPDX-License-Identifier: MIT
// For ./gradus blame: runs a learner's function beside the reference, on the same inputs, wherever a
// run calls it; the run goes on with the reference's results. So the first difference is the
// function's own, and not that of another one before it.
//
//     const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
//         w.arrays(part().mix, own.mix, [](Real*, ..., Index Tq, Index, Index VS) {
//             return Arrays{{0, Tq * VS}};
//         });
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

// An array that a function writes: which of its arguments, and how many numbers.
struct Array {
    std::size_t argument;
    Index count;
};
using Arrays = std::vector<Array>;

class Watcher {
 public:
    // A function that writes the arrays which `list` gives for its arguments.
    template <class... Args, class List>
    void arrays(Function<void(Args...)>& entry, const Function<void(Args...)>& mine,
                const List& list) {
        const auto reference = entry.body(), own = mine.body();
        entry = [this, reference, own, list, name = entry.name(), text = entry.arguments(),
                 call = std::uint64_t{0}](Args... args) mutable {
            ++call;
            std::tuple<Args...> copy(args...);
            const Arrays all = list(args...);
            std::vector<std::vector<Real>> outputs;
            outputs.reserve(all.size());
            exchange(copy, all, outputs, std::index_sequence_for<Args...>());
            const std::string sizes = named_sizes(text, sizes_of(args...));
            if (is_open(name))
                runs(
                    name, [&] { std::apply(own, copy); }, sizes, call);
            reference(args...);
            if (!is_open(name)) return;
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
            std::vector<Real> yours;
            if (is_open(name))
                runs(
                    name, [&] { yours = numbers_of(own(args...)); }, "", call);
            const Result expected = reference(args...);
            if (is_open(name)) check(name, yours, numbers_of(expected), call);
            return expected;
        };
    }

    // For functions that change what they are given: compares what the two made of it, as numbers.
    void check(const std::string& name, const std::vector<Real>& yours,
               const std::vector<Real>& expected, std::uint64_t call = 0) {
        if (yours.size() != expected.size())
            note(
                name, "", call,
                fmt::format("gives {} numbers, and should give {}", yours.size(), expected.size()));
        else
            compare(name, "", call, yours, expected.data());
    }
    // Runs what a learner wrote; if it throws, that is the difference.
    bool runs(const std::string& name, const std::function<void()>& own,
              const std::string& sizes = "", std::uint64_t call = 0) {
        try {
            own();
            return true;
        } catch (const std::exception& error) {
            note(name, sizes, call, error.what());
            return false;
        }
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
    // Copies of the arrays that are written, in the place of the originals.
    template <class Tuple, std::size_t... I>
    static void exchange(Tuple& arguments, const Arrays& all,
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

// What a lesson has watched: watch(watcher, own) puts a watcher around the functions in its part(), which
// are the reference's, beside its own, the learner's.
struct Watched {
    using Switch = std::function<void()>;
    // `mine` makes part() the learner's, `reference` the reference's again.
    using Install = std::function<void(Watcher&, const Switch& mine, const Switch& reference)>;

    template <class Part>
    Watched(const char* lesson, Part& (*part)(),
            std::type_identity_t<void (*)(Watcher&, const Part& own)> watch) {
        add(lesson, [=](Watcher& watcher, const Switch& mine, const Switch& reference) {
            mine();
            const Part own = part();
            reference();
            watch(watcher, own);
        });
    }

 private:
    static void add(const char* lesson, Install install);
};

}  // namespace gradus::lessons
