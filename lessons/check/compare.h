// SPDX-License-Identifier: MIT
// Comparisons that explain their failures to a learner.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "lessons/learn.h"
#include "tensor/shape.h"

namespace gradus::lessons {

// The result of a comparison, and the message that CHECK(same(...)) prints if it fails.
struct Comparison {
    bool ok;
    std::string words;
    // What same() compared, for showing it whole.
    std::vector<double> yours = {}, expected = {};
    std::vector<Index> sizes = {};
    std::vector<std::string> names = {};  // one for each number; empty: the check's text has them
    double tolerance = 0;
    bool is_single = false;  // two numbers, not two lists of one

    explicit operator bool() const { return ok; }
};
// Also keeps a copy for last_failure().
std::ostream& operator<<(std::ostream& out, const Comparison& comparison);

// Notes the text of a check that begins (check.h); "" when it has ended.
void asks(const char* expression);

// The comparison that was printed last, taken out: a second call gives one without words.
Comparison last_failure();

// Equal to within tolerance * max(1, |expected|); NaN is close to nothing.
bool close(double yours, double expected, double tolerance);

// All are close(). On failure the learner sees both lists side by side. With `sizes`, a place is
// said as "row 0, column 1". The numbers are called what the first argument in the check's text says,
// x.grad() "the gradient of x"; where that is a call of a helper, named() says it.
Comparison same(const std::vector<Real>& yours, const std::vector<Real>& expected,
                const std::vector<Index>& sizes = {}, double tolerance = 1e-9);
Comparison same(double yours, double expected, double tolerance = 1e-9);
// The comparison with a name for each of its numbers: named({"y", "the gradient of x"}, same(...)).
Comparison named(std::vector<std::string> names, Comparison comparison);
// Fails unless every number is finite.
Comparison finite(const std::vector<Real>& yours, const std::vector<Index>& sizes = {});

// With 64 more numbers after its end: a fingerprint's arrays have them, so that answers
// that step over the end give numbers, too.
std::vector<Real> with_room(std::vector<Real> numbers);

// For fingerprints: a mistake is recognised by numbers, so one that throws gives a number, too, -1.
std::vector<Real> or_thrown(const std::function<std::vector<Real>()>& work);

// Fails unless the shapes are equal.
Comparison shaped(const Shape& yours, const Shape& expected);

// n samples from the standard normal distribution; the same seed gives the same samples.
std::vector<Real> normal_numbers(std::uint64_t seed, Index n);

}  // namespace gradus::lessons
