// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <algorithm>

#include "autograd/matmul.h"
#include "autograd/reduce.h"
#include "lessons/09-descent/moons.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_09 {
namespace {

using Numbers = std::vector<Real>;

Index count(const Numbers& x) {
    return static_cast<Index>(x.size());
}

Numbers step(Numbers w, const Numbers& g, Real lr) {
    part().sgd_step(w.data(), g.data(), lr, count(w));
    return w;
}

struct Moved {
    Numbers w, velocity;
};
Moved momentum(Numbers w, const Numbers& g, Numbers velocity, Real lr, Real momentum) {
    part().momentum_step(w.data(), g.data(), velocity.data(), lr, momentum, count(w));
    return {w, velocity};
}

Variable trained(const Shape& shape, std::uint64_t seed) {
    return parameter(Tensor::from(shape, normal_numbers(seed, shape.count())));
}

// x (4, 3) times w (3, 2), plus b (2): far from y by the mean square. Its gradient is known in
// closed form.
struct LeastSquares {
    Tensor x = Tensor::from({4, 3}, normal_numbers(11, 12));
    Tensor y = Tensor::from({4, 2}, normal_numbers(12, 8));
    Variable w = trained({3, 2}, 13), b = trained({2}, 14);
    Index calls = 0;

    std::function<Variable()> loss() {
        return [this] {
            ++calls;
            return mean(square(matmul(x, w) + b - y));
        };
    }
    // One step by loops, without a graph. Returns the loss before it.
    Real by_hand(Real lr) const {
        Real before = 0, dw[6] = {}, db[2] = {};
        for (Index r = 0; r < 4; ++r)
            for (Index j = 0; j < 2; ++j) {
                Real e = b.value()[j] - y.at(r, j);
                for (Index k = 0; k < 3; ++k) e += x.at(r, k) * w.value().at(k, j);
                before += e * e / 8;
                db[j] += e / 4;
                for (Index k = 0; k < 3; ++k) dw[2 * k + j] += x.at(r, k) * e / 4;
            }
        for (Index i = 0; i < 6; ++i) w.value()[i] -= lr * dw[i];
        for (Index i = 0; i < 2; ++i) b.value()[i] -= lr * db[i];
        return before;
    }
};

// Fingerprints have room after their arrays, for answers that step over the end.
const Fingerprint sgd_print("sgd_step", [] {
    Numbers w = with_room(normal_numbers(1, 5));
    part().sgd_step(w.data(), with_room(normal_numbers(2, 5)).data(), 0.3, 5);
    return w;
});

const Fingerprint descend_print("descend", [] {
    LeastSquares task;
    task.w.grad().fill(0.5);  // rubbish from before
    task.b.grad().fill(-2);
    Numbers all;
    try {
        all = part().descend(task.loss(), {task.w, task.b}, 0.1, 4);
    } catch (const std::exception& error) {
        // How far it came is in the weights.
        if (std::string(error.what()).starts_with("unfinished: ")) throw;
        all.push_back(77);
    }
    for (const auto& p : {task.w, task.b})
        for (const Real v : p.value().to_vector()) all.push_back(v);
    all.push_back(static_cast<Real>(task.calls));
    // Where no weight moved: whether that is because there was no gradient.
    const LeastSquares start;
    const bool moved = task.w.value().to_vector() != start.w.value().to_vector();
    const auto is_zero = [](Real x) { return x == 0; };
    const Numbers left = task.w.grad().to_vector();
    all.push_back(!moved && std::all_of(left.begin(), left.end(), is_zero));
    return all;
});

const Fingerprint momentum_print("momentum_step", [] {
    Numbers w = with_room(normal_numbers(3, 5)), velocity = with_room(normal_numbers(4, 5));
    for (const std::uint64_t seed : {5, 6})
        part().momentum_step(w.data(), with_room(normal_numbers(seed, 5)).data(), velocity.data(),
                             0.3, 0.8, 5);
    w.insert(w.end(), velocity.begin(), velocity.end());
    return w;
});

}  // namespace

TEST_CASE("sgd_step: the step from the text") {
    CHECK(same(step({1}, {2}, 0.1), {0.8}));
    CHECK(same(step({1, 5, -3}, {2, 0, -4}, 0.1), {0.8, 5, -2.6}));
}

TEST_CASE("sgd_step: any number of weights, any learning rate; the gradient stays as it is") {
    for (const Index n : {1, 2, 7, 64})
        for (const Real lr : {0.0, 0.01, 1.0, 30.0}) {
            CAPTURE(n);
            CAPTURE(lr);
            Numbers w = normal_numbers(1, n), expected = w;
            const Numbers before = normal_numbers(2, n);
            Numbers g = before;
            for (std::size_t i = 0; i < w.size(); ++i) expected[i] = w[i] - lr * g[i];
            part().sgd_step(w.data(), g.data(), lr, n);
            CHECK(same(w, expected));
            CHECK(same(g, before));
        }
}

TEST_CASE("descend: down the parabola from the text") {
    const Variable w = parameter(Tensor::from({1}));
    const auto loss = [&] { return sum(w * w); };
    CHECK(same(part().descend(loss, {w}, 0.1, 3), {1, 0.64, 0.4096}));
    CHECK(same(w.value().to_vector(), {0.512}));
}

TEST_CASE("descend: the second step knows nothing of the first one's gradient") {
    // Of the loss 3 w the gradient is 3 at every place, so that every step is as long.
    const Variable w = parameter(Tensor::from({1}));
    const auto loss = [&] { return sum(w * Real(3)); };
    CHECK(same(part().descend(loss, {w}, 0.1, 4), {3, 2.1, 1.2, 0.3}));
    CHECK(same(w.value().to_vector(), {-0.2}));
}

TEST_CASE("descend: gradients that hold rubbish at the start do no harm") {
    const Variable w = parameter(Tensor::from({1}));
    w.grad().fill(100);
    const auto loss = [&] { return sum(w * w); };
    CHECK(same(part().descend(loss, {w}, 0.1, 2), {1, 0.64}));
    CHECK(same(w.value().to_vector(), {0.64}));
}

TEST_CASE("descend: every number of every parameter moves, as by hand") {
    LeastSquares yours, expected;
    yours.w.grad().fill(7);
    yours.b.grad().fill(-7);
    const Numbers losses = part().descend(yours.loss(), {yours.w, yours.b}, 0.2, 25);
    Numbers by_hand;
    for (int i = 0; i < 25; ++i) by_hand.push_back(expected.by_hand(0.2));
    CHECK(same(losses, by_hand));
    CHECK(same(yours.w.value().to_vector(), expected.w.value().to_vector(), {3, 2}));
    CHECK(same(yours.b.value().to_vector(), expected.b.value().to_vector()));
}

TEST_CASE("descend: only the parameters that it is given move") {
    LeastSquares task;
    const Numbers before = task.w.value().to_vector();
    part().descend(task.loss(), {task.b}, 0.2, 5);
    CHECK(same(task.w.value().to_vector(), before, {3, 2}));
}

TEST_CASE("descend: loss() is called once a step, and never for no steps") {
    for (const Index steps : {0, 1, 6}) {
        CAPTURE(steps);
        LeastSquares task;
        const Numbers before = task.w.value().to_vector();
        CHECK(count(part().descend(task.loss(), {task.w, task.b}, 0.1, steps)) == steps);
        CHECK(task.calls == steps);
        if (steps == 0) CHECK(same(task.w.value().to_vector(), before, {3, 2}));
    }
}

TEST_CASE("descend: a loss that looks at other data each time") {
    const Variable w = parameter(Tensor::from({0}));
    Real target = 0;
    const auto loss = [&] {
        target += 1;
        return sum(square(w - target));
    };
    // From 0 to 1: half way. From there to 2, to 3, to 4: half way each time.
    CHECK(same(part().descend(loss, {w}, 0.25, 4), {1, 2.25, 3.0625, 3.515625}));
    CHECK(same(w.value().to_vector(), {3.0625}));
}

TEST_CASE("descend: a learning rate that is too big climbs, one of 1 jumps to and fro") {
    const Variable w = parameter(Tensor::from({1}));
    const auto loss = [&] { return sum(w * w); };
    CHECK(same(part().descend(loss, {w}, 1, 3), {1, 1, 1}));
    w.value().fill(1);
    CHECK(same(part().descend(loss, {w}, 10, 4), {1, 361, 130321, 47045881}));
}

TEST_CASE("descend: two moons, more than 97 % of the unseen points right") {
    Moons moons;
    const Numbers losses = part().descend(moons.loss(), moons.parameters(), 1, 600);
    CAPTURE(losses.front());
    CAPTURE(losses.back());
    CHECK(losses.back() < 0.05);
    CHECK(moons.right() > 0.97);
    Moons wild;
    CHECK(part().descend(wild.loss(), wild.parameters(), 100, 6).back() > 10);
}

TEST_CASE("momentum_step: the three steps from the text") {
    Moved m{{0}, {0}};
    m = momentum(m.w, {1}, m.velocity, 0.1, 0.9);
    CHECK(same(m.velocity, {1}));
    CHECK(same(m.w, {-0.1}));
    m = momentum(m.w, {1}, m.velocity, 0.1, 0.9);
    CHECK(same(m.velocity, {1.9}));
    CHECK(same(m.w, {-0.29}));
    m = momentum(m.w, {1}, m.velocity, 0.1, 0.9);
    CHECK(same(m.velocity, {2.71}));
    CHECK(same(m.w, {-0.561}));
}

TEST_CASE("momentum_step: any number of weights, each with a velocity of its own") {
    for (const Index n : {1, 2, 9})
        for (const Real mu : {0.0, 0.5, 0.99}) {
            CAPTURE(n);
            CAPTURE(mu);
            Moved yours{normal_numbers(1, n), normal_numbers(2, n)};
            Moved expected = yours;
            for (const std::uint64_t seed : {3, 4, 5}) {
                const Numbers g = normal_numbers(seed, n);
                yours = momentum(yours.w, g, yours.velocity, 0.2, mu);
                for (std::size_t i = 0; i < g.size(); ++i) {
                    expected.velocity[i] = mu * expected.velocity[i] + g[i];
                    expected.w[i] -= 0.2 * expected.velocity[i];
                }
            }
            CHECK(same(yours.velocity, expected.velocity));
            CHECK(same(yours.w, expected.w));
        }
}

TEST_CASE("momentum_step: without momentum it is sgd_step") {
    const Numbers w = normal_numbers(1, 6), g = normal_numbers(2, 6);
    CHECK(same(momentum(w, g, normal_numbers(3, 6), 0.3, 0).w, step(w, g, 0.3)));
}

TEST_CASE("momentum_step: the library's optimiser runs on your two steps") {
    for (const Real mu : {0.0, 0.9}) {
        CAPTURE(mu);
        const auto before = part().sgd_step.calls().count + part().momentum_step.calls().count;
        LeastSquares task;
        Sgd optimiser({{"w", task.w}, {"b", task.b}}, mu);
        const Numbers w = task.w.value().to_vector();
        task.loss()().backward();
        const Numbers g = task.w.grad().to_vector();
        optimiser.step(0.1);
        optimiser.step(0.1);  // the same gradient once more
        Numbers expected = w;
        for (std::size_t i = 0; i < w.size(); ++i) expected[i] -= 0.1 * g[i] * (2 + mu);
        CHECK(same(task.w.value().to_vector(), expected, {3, 2}));
        CHECK(part().sgd_step.calls().count + part().momentum_step.calls().count == before + 4);
    }
}

}  // namespace gradus::lesson_09
