// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include "lessons/check/compare.h"
#include "tensor/random.h"

namespace gradus::lessons {
namespace {

// "element 5" or, with sizes (2, 3), "row 1, column 2 (element 5)".
std::string place(std::size_t at, const std::vector<Index>& sizes) {
    if (sizes.size() == 2)
        return fmt::format("row {}, column {}", static_cast<Index>(at) / sizes[1],
                           static_cast<Index>(at) % sizes[1]);
    if (sizes.size() < 2) return fmt::format("element {}", at);
    std::string text;
    auto rest = static_cast<Index>(at);
    for (std::size_t axis = sizes.size(); axis-- > 0; rest /= sizes[axis])
        text = fmt::format("{}{}{}", rest % sizes[axis], text.empty() ? "" : ", ", text);
    return "element [" + text + "]";
}

std::string number(double value) {
    return std::isnan(value) ? "nan" : fmt::format("{:.6g}", value);  // without its sign
}

bool close(double yours, double expected, double tolerance) {
    if (std::isinf(expected)) return yours == expected;
    return std::abs(yours - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Comparison& comparison) {
    return out << comparison.words;
}

Comparison same(const std::vector<Real>& yours, const std::vector<Real>& expected,
                const std::vector<Index>& sizes, double tolerance) {
    if (yours.size() != expected.size())
        return {false,
                fmt::format("yours has {} values, expected {}", yours.size(), expected.size())};
    std::size_t wrong = 0, first = 0;
    for (std::size_t i = expected.size(); i-- > 0;)
        if (!close(yours[i], expected[i], tolerance)) ++wrong, first = i;
    if (wrong == 0) return {true, "the same"};
    // Enough digits to show the difference.
    std::string mine = number(yours[first]), right = number(expected[first]);
    if (mine == right)
        mine = fmt::format("{:.15g}", yours[first]),
        right = fmt::format("{:.15g}", expected[first]);
    std::string words =
        fmt::format("{}: yours is {}, expected {}", place(first, sizes), mine, right);
    if (wrong > 1) words += fmt::format(" ({} of {} are wrong)", wrong, expected.size());
    return {false, words};
}

Comparison same(double yours, double expected, double tolerance) {
    if (close(yours, expected, tolerance)) return {true, "the same"};
    std::string mine = number(yours), right = number(expected);
    if (mine == right)
        mine = fmt::format("{:.15g}", yours), right = fmt::format("{:.15g}", expected);
    return {false, fmt::format("yours is {}, expected {}", mine, right)};
}

Comparison finite(const std::vector<Real>& yours, const std::vector<Index>& sizes) {
    for (std::size_t i = 0; i < yours.size(); ++i)
        if (!std::isfinite(yours[i]))
            return {false, fmt::format("{}: yours is {}", place(i, sizes), number(yours[i]))};
    return {true, "all finite"};
}

std::vector<Real> normal_numbers(std::uint64_t seed, Index n) {
    Random random(seed);
    std::vector<Real> numbers(static_cast<std::size_t>(n));
    for (auto& x : numbers) x = static_cast<Real>(random.normal());
    return numbers;
}

}  // namespace gradus::lessons
