// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <fmt/core.h>

#include <memory>

#include "tensor/random.h"

namespace gradus::lesson_04 {
namespace {

using Numbers = std::vector<Real>;

// What a result makes of a gradient dy that arrives at it, where the inputs have some already: the
// result, how many inputs it lists, and the inputs' gradients.
Numbers handed_on(const Value& y, const std::vector<Value>& inputs, Real dy) {
    Numbers numbers = {y.data(), Real(y.inputs().size())};
    Real before = 0.25;
    for (const auto& x : inputs) x.grad() = before *= 2;
    y.hand_on(dy);
    for (const auto& x : inputs) numbers.push_back(x.grad());
    return numbers;
}

// The same, where the variables stand for other numbers by then: a lambda that captured them by
// reference finds those.
Numbers handed_on_later(Value (*f)(const Value& a, const Value& b), Real p, Real q) {
    const Value p_number = p, q_number = q;
    Value a = p_number, b = q_number;
    const Value y = f(a, b);
    a = 5, b = 6;
    return handed_on(y, {p_number, q_number}, 3);
}

// Compares what handed_on() gives.
Comparison handed(const Numbers& yours, const Numbers& expected) {
    std::vector<std::string> names = {"the result", "how many inputs it lists"};
    if (expected.size() == 3)
        names.push_back("the gradient of its input");
    else
        names.insert(names.end(),
                     {"the gradient of the first input", "the gradient of the second"});
    return named(names, same(yours, expected));
}

Numbers both(Value (*f)(const Value& a, const Value& b)) {
    const Value a = 0.7, b = -1.3, c = 0.9;
    Numbers all = handed_on(f(a, b), {a, b}, 3), same = handed_on(f(c, c), {c}, -2);
    all.insert(all.end(), same.begin(), same.end());
    const Numbers later = handed_on_later(f, 0.3, -0.6);
    all.insert(all.end(), later.begin(), later.end());
    return all;
}

const Fingerprint add_print("add", [] {
    return both([](const Value& a, const Value& b) { return part().add(a, b); });
});
const Fingerprint mul_print("mul", [] {
    return both([](const Value& a, const Value& b) { return part().mul(a, b); });
});
Numbers both(Value (*f)(const Value& x)) {
    const Value x = 0.7, z = -1.5;
    Numbers all = handed_on(f(x), {x}, 3);
    const Numbers second = handed_on(f(z), {z}, -2);
    all.insert(all.end(), second.begin(), second.end());
    return all;
}
const Fingerprint exp_print("exp_of",
                            [] { return both([](const Value& x) { return part().exp_of(x); }); });
const Fingerprint tanh_print("tanh_of",
                             [] { return both([](const Value& x) { return part().tanh_of(x); }); });
// Formulas of exponentials fail for 1000, for -1000 or for both.
const Fingerprint flat_print("tanh_of", [] {
    const Real high = part().tanh_of(1000).data(), low = part().tanh_of(-1000).data();
    return Numbers{std::isnan(high) || std::isnan(low) ? 1.0 : 0.0};
});

// `y` lists exactly these inputs, themselves and not copies of their numbers, and has not kept the
// name of the operation that it was copied from.
Comparison made_of(const Value& y, const std::string& operation, const std::vector<Value>& inputs) {
    if (y.inputs().size() != inputs.size())
        return {false, fmt::format("the result lists {} {}, it was made of {}", y.inputs().size(),
                                   y.inputs().size() == 1 ? "input" : "inputs", inputs.size())};
    for (const char* other : {"+", "*", "exp", "tanh"})
        if (y.name() == other && operation != other)
            return {false,
                    fmt::format("the result calls itself \"{}\", and so would a picture: the "
                                "name of this operation is \"{}\"",
                                other, operation)};
    std::vector<Index> yours, expected;
    for (const auto& x : y.inputs()) yours.push_back(x.number());
    for (const auto& x : inputs) expected.push_back(x.number());
    std::sort(yours.begin(), yours.end());
    std::sort(expected.begin(), expected.end());
    if (yours != expected)
        return {false, "the result lists other numbers among its inputs than it was made of"};
    if (y.grad() != 0) return {false, "the result has a gradient before any has arrived"};
    return {true, "made of its inputs"};
}

// The variables that the result was made of are gone before backward() runs: a lambda that captured
// them by reference reads freed memory, which the sanitizer sees.
Comparison keeps_its_inputs(const std::function<Value(const Value& a, const Value& b)>& f) {
    const Value a = 0.7, b = -1.3;
    const Value a_again = 0.7, b_again = -1.3;
    const auto make = [&](const Value& p, const Value& q) {
        const auto copies = std::make_unique<std::vector<Value>>(std::vector<Value>{p, q});
        return f((*copies)[0], (*copies)[1]);
    };
    backward(make(a, b));
    backward(f(a_again, b_again));
    return named({"the gradient of a", "the gradient of b"},
                 same({a.grad(), b.grad()}, {a_again.grad(), b_again.grad()}));
}

// A random expression as a list of steps over the numbers so far, so that it can be computed again
// with other inputs.
struct Step {
    Index operation, a, b;
};

struct Expression {
    std::vector<Real> inputs;
    std::vector<Step> steps;

    std::vector<Real> numbers(const std::vector<Real>& start) const {
        std::vector<Real> v = start;
        for (const auto& [operation, a, b] : steps)
            v.push_back(operation == 0   ? v[a] + v[b]
                        : operation == 1 ? v[a] * v[b]
                        : operation == 2 ? std::exp(v[a])
                                         : std::tanh(v[a]));
        return v;
    }
    Real result(const std::vector<Real>& start) const { return numbers(start).back(); }
    Value build(std::vector<Value> v) const {
        for (const auto& [operation, a, b] : steps)
            v.push_back(operation == 0   ? part().add(v[a], v[b])
                        : operation == 1 ? part().mul(v[a], v[b])
                        : operation == 2 ? part().exp_of(v[a])
                                         : part().tanh_of(v[a]));
        return v.back();
    }
};

Expression random_expression(std::uint64_t seed, Index inputs, Index steps) {
    Random random(seed);
    const auto pick = [&](std::size_t n) {
        return static_cast<Index>(random.uniform() * static_cast<double>(n));
    };
    Expression e{normal_numbers(seed + 1000, inputs), {}};
    while (static_cast<Index>(e.steps.size()) < steps) {
        const std::size_t n = e.inputs.size() + e.steps.size();
        // The newest number is one of the two, so that every step counts in the end.
        e.steps.push_back({pick(4), static_cast<Index>(n) - 1, pick(n)});
        if (pick(2) == 0) std::swap(e.steps.back().a, e.steps.back().b);
        if (e.steps.back().operation >= 2) e.steps.back().a = static_cast<Index>(n) - 1;
        if (std::abs(e.result(e.inputs)) > 3) e.steps.pop_back();
    }
    return e;
}

}  // namespace

TEST_CASE("add: the sum, and what it was made of") {
    const Value a = 2, b = 3;
    const Value y = part().add(a, b);
    CHECK(same(y.data(), 5));
    CHECK(made_of(y, "+", {a, b}));
}

TEST_CASE("add: a gradient that arrives goes to both inputs, on top of what they have") {
    const Value a = 2, b = 3;
    const Value y = part().add(a, b);
    y.hand_on(1);
    CHECK(same({a.grad(), b.grad()}, {1, 1}));
    y.hand_on(4);
    CHECK(same({a.grad(), b.grad()}, {5, 5}));
}

TEST_CASE("add: the gradient goes to the numbers added, whatever the variables hold later") {
    CHECK(handed(
        handed_on_later([](const Value& a, const Value& b) { return part().add(a, b); }, 2, 3),
        {5, 2, 3.5, 4}));
}

TEST_CASE("add: in x + x both gradients are x's") {
    const Value x = 3;
    backward(part().add(x, x));
    CHECK(same(x.grad(), 2));
}

TEST_CASE("add: through a sum of sums, and a number used again far from where it was made") {
    const Value a = 2, b = 3, c = 5;
    const Value left = part().add(a, b);
    const Value right = part().add(c, left);
    const Value y = part().add(part().add(left, right), a);  // 2 (a + b) + c + a
    CHECK(same(y.data(), 17));
    backward(y);
    CHECK(same({a.grad(), b.grad(), c.grad(), left.grad(), right.grad()}, {3, 2, 1, 2, 1}));
}

TEST_CASE("add: a sum of a thousand numbers") {
    std::vector<Value> x;
    for (Index i = 0; i < 1000; ++i) x.emplace_back(Real(i));
    Value y = x[0];
    for (std::size_t i = 1; i < x.size(); ++i) y = part().add(y, x[i]);
    CHECK(same(y.data(), 499500));
    backward(y);
    Numbers gradients;
    for (const auto& v : x) gradients.push_back(v.grad());
    CHECK(same(gradients, Numbers(1000, 1)));
}

TEST_CASE("add: the result keeps its inputs alive") {
    CHECK(keeps_its_inputs([](const Value& a, const Value& b) { return part().add(a, b); }));
}

TEST_CASE("mul: the product, and what it was made of") {
    const Value a = 2, b = 3;
    const Value y = part().mul(a, b);
    CHECK(same(y.data(), 6));
    CHECK(made_of(y, "*", {a, b}));
}

TEST_CASE("mul: each input gets dy times its partner, on top of what it has") {
    const Value a = 2, b = 3;
    const Value y = part().mul(a, b);
    y.hand_on(1);
    CHECK(same({a.grad(), b.grad()}, {3, 2}));
    y.hand_on(10);
    CHECK(same({a.grad(), b.grad()}, {33, 22}));
}

TEST_CASE("mul: the gradient goes to the factors, whatever the variables hold later") {
    CHECK(handed(
        handed_on_later([](const Value& a, const Value& b) { return part().mul(a, b); }, 2, 3),
        {6, 2, 9.5, 7}));
}

TEST_CASE("mul: in x * x both gradients are x's") {
    const Value x = 3;
    backward(part().mul(x, x));
    CHECK(same(x.grad(), 6));
    backward(part().mul(part().mul(x, x), x));
    CHECK(same(x.grad(), 27));
}

TEST_CASE("mul: the picture of the text, a * b + a") {
    const Value a = 2, b = 3;
    const Value m = part().mul(a, b);
    const Value y = part().add(m, a);
    CHECK(same(y.data(), 8));
    backward(y);
    CHECK(same({m.grad(), a.grad(), b.grad()}, {1, 4, 2}));
}

TEST_CASE("mul: with zeros and negative numbers") {
    for (const Real p : {-2.0, 0.0, 1.5})
        for (const Real q : {-0.5, 0.0, 4.0}) {
            CAPTURE(p);
            CAPTURE(q);
            const Value a = p, b = q;
            const Value y = part().mul(a, b);
            CHECK(handed(handed_on(y, {a, b}, -3), {p * q, 2, 0.5 - 3 * q, 1 - 3 * p}));
        }
}

TEST_CASE("mul: the result keeps its inputs alive") {
    CHECK(keeps_its_inputs([](const Value& a, const Value& b) { return part().mul(a, b); }));
}

TEST_CASE("exp_of: the value, and what it was made of") {
    const Value x = 1;
    const Value y = part().exp_of(x);
    CHECK(same(y.data(), 2.718281828459045));
    CHECK(made_of(y, "exp", {x}));
}

TEST_CASE("exp_of: x gets dy times the result, on top of what it has") {
    for (const Real number : {-3.0, -1.0, 0.0, 0.5, 1.0, 2.0}) {
        CAPTURE(number);
        const Value x = number;
        const Real y = std::exp(number);
        CHECK(handed(handed_on(part().exp_of(x), {x}, 4), {y, 1, 0.5 + 4 * y}));
    }
}

TEST_CASE("exp_of: of a very negative number it is 0, and so is the gradient") {
    const Value x = -1000;
    const Value y = part().exp_of(x);
    backward(y);
    CHECK(same({y.data(), x.grad()}, {0, 0}));
}

TEST_CASE("exp_of: the result keeps its input alive") {
    CHECK(keeps_its_inputs(
        [](const Value& a, const Value& b) { return part().exp_of(part().mul(a, b)); }));
    CHECK(keeps_its_inputs(
        [](const Value& a, const Value& b) { return part().mul(part().exp_of(a), b); }));
}

TEST_CASE("tanh_of: the value, and what it was made of") {
    const Value x = 0.5;
    const Value y = part().tanh_of(x);
    CHECK(same(y.data(), 0.46211715726000975));
    CHECK(made_of(y, "tanh", {x}));
}

TEST_CASE("tanh_of: x gets dy times 1 - y * y, on top of what it has") {
    for (const Real number : {-2.0, -0.5, 0.0, 0.1, 1.0, 3.0}) {
        CAPTURE(number);
        const Value x = number;
        const Real y = std::tanh(number);
        CHECK(handed(handed_on(part().tanh_of(x), {x}, 4), {y, 1, 0.5 + 4 * (1 - y * y)}));
    }
}

TEST_CASE("tanh_of: far out it is flat, and nothing overflows") {
    for (const Real number : {-1e4, -400.0, 400.0, 1e4}) {
        CAPTURE(number);
        const Value x = number;
        const Value y = part().tanh_of(x);
        backward(y);
        CHECK(same({y.data(), x.grad()}, {number < 0 ? -1.0 : 1.0, 0}));
    }
}

TEST_CASE("tanh_of: the result keeps its input alive") {
    CHECK(keeps_its_inputs(
        [](const Value& a, const Value& b) { return part().mul(part().tanh_of(a), b); }));
}

// From here on all four together.

TEST_CASE("tanh_of: the neuron of the text") {
    const Value x1 = 2, x2 = -1, w1 = 0.5, w2 = 1, b = 0.5;
    const Value s = part().add(part().add(part().mul(w1, x1), part().mul(w2, x2)), b);
    const Value y = part().tanh_of(s);
    const Value d = part().add(y, -0.8);
    const Value loss = part().mul(d, d);
    backward(loss);
    const Real dy = 2 * (std::tanh(0.5) - 0.8), ds = dy * (1 - std::tanh(0.5) * std::tanh(0.5));
    CHECK(same({y.grad(), s.grad(), w1.grad(), w2.grad(), b.grad(), x1.grad(), x2.grad()},
               {dy, ds, 2 * ds, -ds, ds, 0.5 * ds, ds}));
}

TEST_CASE("exp_of: the bell curve exp(-x * x)") {
    for (const Real number : {-1.5, 0.0, 0.3, 2.0}) {
        CAPTURE(number);
        const Value x = number;
        const Value y = part().exp_of(part().mul(part().mul(x, x), -1));
        backward(y);
        CHECK(same({y.data(), x.grad()},
                   {std::exp(-number * number), -2 * number * std::exp(-number * number)}));
    }
}

TEST_CASE("tanh_of: x into tanh, into exp, and both results into x again") {
    const Value x = 0.3;
    const Value t = part().tanh_of(x), e = part().exp_of(x);
    backward(part().add(part().mul(t, e), part().mul(x, part().tanh_of(t))));
    const double tanh = std::tanh(0.3), exp = std::exp(0.3), outer = std::tanh(tanh);
    const double slope = 1 - tanh * tanh;
    CHECK(same(x.grad(), slope * exp + tanh * exp + outer + 0.3 * (1 - outer * outer) * slope));
}

TEST_CASE("tanh_of: backward a second time gives the same again") {
    const Value x = 0.7;
    const Value y = part().mul(part().tanh_of(x), part().exp_of(x));
    backward(y);
    const Real first = x.grad();
    backward(y);
    CHECK(same(x.grad(), first));
}

TEST_CASE("tanh_of: random expressions of all four, against finite differences") {
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        CAPTURE(seed);
        const Expression e = random_expression(seed, 4, seed <= 30 ? 6 : 20);
        std::vector<Value> inputs;
        for (const Real x : e.inputs) inputs.emplace_back(x);
        const Value y = e.build(inputs);
        CHECK(same(y.data(), e.result(e.inputs)));
        backward(y);
        Numbers yours, expected;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            yours.push_back(inputs[i].grad());
            // Central differences with steps h and 2 h: the errors of order h^2 cancel.
            const Real h = 1e-3;
            const auto at = [&](Real step) {
                Numbers moved = e.inputs;
                moved[i] += step;
                return e.result(moved);
            };
            expected.push_back((8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h));
        }
        CHECK(same(yours, expected, {}, 1e-6));
    }
}

}  // namespace gradus::lesson_04
