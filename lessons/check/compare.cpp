// SPDX-License-Identifier: MIT
#include "lessons/check/compare.h"

#include <fmt/core.h>

#include <limits>
#include <utility>

#include "lessons/check/failure.h"
#include "tensor/random.h"

namespace gradus::lessons {
namespace {

Comparison printed{true, ""};  // by operator<<

}  // namespace

bool close(double yours, double expected, double tolerance) {
    if (std::isinf(expected)) return yours == expected;
    return std::abs(yours - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) {
    printed = comparison;
    return out << comparison.words;
}

Comparison last_failure() {
    return std::exchange(printed, Comparison{true, ""});
}

Comparison same(const std::vector<Real>& yours, const std::vector<Real>& expected,
                const std::vector<Index>& sizes, double tolerance) {
    Comparison result{true, "the same"};
    result.yours.assign(yours.begin(), yours.end());
    result.expected.assign(expected.begin(), expected.end());
    result.sizes = sizes;
    result.tolerance = tolerance;
    if (yours.size() != expected.size())
        return result.words = fmt::format("yours has {} value{}, expected {}", yours.size(),
                                          yours.size() == 1 ? "" : "s", expected.size()),
               result.ok = false, result;
    for (std::size_t i = 0; i < expected.size(); ++i)
        result.ok = result.ok && close(yours[i], expected[i], tolerance);
    if (!result.ok) result.words = words_of(result, {});
    return result;
}

Comparison same(double yours, double expected, double tolerance) {
    Comparison result{close(yours, expected, tolerance), "the same", {yours}, {expected}};
    result.tolerance = tolerance;
    result.is_single = true;
    if (!result.ok) result.words = words_of(result, {});
    return result;
}

Comparison named(std::vector<std::string> names, Comparison comparison) {
    comparison.names = std::move(names);
    return comparison;
}

std::vector<Real> or_thrown(const std::function<std::vector<Real>()>& work) {
    try {
        return work();
    } catch (const std::exception& error) {
        if (std::string(error.what()).starts_with("unfinished: ")) throw;
        return {-1};
    }
}

Comparison finite(const std::vector<Real>& yours, const std::vector<Index>& sizes) {
    Comparison result =
        same(yours, std::vector<Real>(yours.size()), sizes, std::numeric_limits<double>::max());
    // Compared with 0 as closely as nothing: what differs is infinite or not a number.
    for (std::size_t i = 0; i < yours.size() && !result.ok; ++i)
        if (!std::isfinite(yours[i])) {
            const std::string words = words_of(result, {});
            return {false, words.substr(0, words.find(", expected"))};
        }
    return {true, "all finite"};
}

Comparison shaped(const Shape& yours, const Shape& expected) {
    return {yours == expected, fmt::format("your shape is {}, expected {}", yours, expected)};
}

std::vector<Real> with_room(std::vector<Real> numbers) {
    const std::vector<Real> more = normal_numbers(999, 64);
    numbers.insert(numbers.end(), more.begin(), more.end());
    return numbers;
}

std::vector<Real> normal_numbers(std::uint64_t seed, Index n) {
    Random random(seed);
    std::vector<Real> numbers(static_cast<std::size_t>(n));
    for (auto& x : numbers) x = static_cast<Real>(random.normal());
    return numbers;
}

}  // namespace gradus::lessons
