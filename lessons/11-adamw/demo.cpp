// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <numbers>

namespace gradus::lesson_11 {
namespace {

using Numbers = std::vector<Real>;

// Your step with what it keeps between the steps, and the usual settings.
class Walker {
 public:
    explicit Walker(Numbers start, Real lr = 0.1) : w(std::move(start)), lr_(lr) {}
    void step(const Numbers& g, Real decay = 0) {
        part().adamw_step(w.data(), g.data(), m.data(), v.data(), lr_, 0.9, 0.999, 1e-8, decay, ++t,
                          static_cast<Index>(w.size()));
    }

    Numbers w, m = Numbers(w.size()), v = Numbers(w.size());
    Index t = 0;

 private:
    Real lr_;
};

// A valley, from x = -1, y = 1 down to 0, 0: the height is (x^2 + steepness y^2) / 2. Turned by an
// angle, the weights a walker sees are no longer x and y but mixtures of both.
struct Valley {
    Real steepness, angle = 0;

    Numbers start() const { return turned({-1, 1}, angle); }
    Numbers slope(const Numbers& w) const {
        const Numbers p = turned(w, -angle);
        return turned({p[0], steepness * p[1]}, angle);
    }

 private:
    static Numbers turned(const Numbers& p, Real angle) {
        return {std::cos(angle) * p[0] - std::sin(angle) * p[1],
                std::sin(angle) * p[0] + std::cos(angle) * p[1]};
    }
};

// Steps until the walker is within 0.01 of the bottom for good: for 100 steps.
int steps_to_bottom(Numbers w, const std::function<void(Numbers&)>& step) {
    int last = 0;
    for (int t = 1; t <= 100'000 && t < last + 100; ++t) {
        step(w);
        if (!(std::hypot(w[0], w[1]) < 0.01)) last = t;
    }
    return last + 1;
}

// One step of SGD with the best learning rate for this valley: both of its directions then shrink
// by (steepness - 1) / (steepness + 1).
void sgd_step(Numbers& w, const Valley& valley) {
    const Numbers g = valley.slope(w);
    for (std::size_t i = 0; i < 2; ++i) w[i] -= 2 / (1 + valley.steepness) * g[i];
}

int sgd_steps(const Valley& valley) {
    return steps_to_bottom(valley.start(), [&](Numbers& w) { sgd_step(w, valley); });
}

int adam_steps(const Valley& valley) {
    Walker walker(valley.start(), 0.05);
    return steps_to_bottom(walker.w, [&](Numbers& w) {
        walker.step(valley.slope(walker.w));
        w = walker.w;
    });
}

// Adds a point while the walk goes to the right, which is what a line chart can draw.
bool add(Line& line, const Numbers& w) {
    if (!line.x.empty() && w[0] <= line.x.back()) return false;
    line.x.push_back(std::round(1000 * w[0]) / 1000), line.y.push_back(w[1]);
    return true;
}

const Demo demo([](Stage& stage) {
    stage.say("Your first two steps, with the gradients 4 and 2 and the learning rate 0.1:");
    stage.print("t  g  m       v         step    w");
    Walker one({1});
    for (const Real g : {4, 2}) {
        const Real before = one.w[0];
        one.step({g});
        stage.print(fmt::format("{}  {}  {:.4f}  {:.6f}  {:.4f}  {:.4f}", one.t, g, one.m[0],
                                one.v[0], before - one.w[0], one.w[0]));
    }
    stage.print("");

    LineChart lengths;
    lengths.caption = {"How long is a step, in learning rates, if the gradient stays the same?",
                       "yours lies at 1 from the first step on. Without the correction the first "
                       "one is 3 times too long, the tenth 6 times, and it takes a thousand to "
                       "come down.",
                       "both lines in the same place: the correction is missing."};
    lengths.x = {"step", true}, lengths.y = {"length of the step / lr"};
    lengths.lines = {{"yours", {}, {}}, {"without correction", {}, {}}};
    Walker constant({0}, 1);
    double longest = 0;
    for (int t = 1; t <= 3000; ++t) {
        const Real before = constant.w[0];
        constant.step({1});
        const double bare = constant.m[0] / std::sqrt(constant.v[0]);
        longest = std::max(longest, bare);
        if (t > 20 && t % (t / 20) != 0) continue;  // evenly on the logarithmic axis
        for (auto& line : lengths.lines) line.x.push_back(t);
        lengths.lines[0].y.push_back(before - constant.w[0]);
        lengths.lines[1].y.push_back(bare);
    }
    stage.show("correction", lengths);
    stage.print(fmt::format("longest without the correction: {:.2f} lr\n\n", longest));

    const Valley valley{20};
    LineChart path;
    path.caption = {
        "A valley seen from above: 20 times as steep across (y) as along it (x)",
        "the zigzag is SGD, as fast as it can go: from wall to wall, a little forward. Yours goes "
        "straight to the bottom at 0, 0.",
        "yours bends: the two weights do not take steps of the same length."};
    path.x = {"x"}, path.y = {"y"};
    path.lines = {{"yours", {}, {}}, {"SGD", {}, {}}};
    Walker walker(valley.start(), 0.05);
    while (add(path.lines[0], walker.w) && walker.t < 200 && walker.w[0] < 0)
        walker.step(valley.slope(walker.w));
    Numbers w = valley.start();
    for (int t = 0; t < 30 && add(path.lines[1], w); ++t) sgd_step(w, valley);
    stage.show("valley", path);

    stage.say(
        "Steps until the bottom is reached to 0.01. SGD has the best learning rate for each "
        "valley, "
        "2 / (1 + steepness); yours always 0.05. In the last column the valley is turned by 45 "
        "degrees.");
    stage.print("steepness    SGD  yours  yours, turned");
    for (const int steepness : {1, 10, 100, 1000, 10'000}) {
        const Valley straight{Real(steepness)},
            turned{Real(steepness), std::numbers::pi_v<Real> / 4};
        stage.print(fmt::format("{:9}  {:5}  {:5}  {:13}", steepness, sgd_steps(straight),
                                adam_steps(straight), adam_steps(turned)));
    }
    stage.print("");
});

const WorkedNumbers numbers([] {
    fmt::print("beta1 {:.1f}, beta2 {:.3f}\n", 0.9, 0.999);
    Walker one({1});
    one.step({4});
    fmt::print("m {:.1f}, v {:.3f}, 1 - beta1 {:.1f}, 1 - beta2 {:.3f}, w {:.1f}\n", one.m[0],
               one.v[0], 1 - 0.9, 1 - 0.999, one.w[0]);
    one.step({2});
    const double c1 = 1 - 0.9 * 0.9, c2 = 1 - 0.999 * 0.999;
    fmt::print("m {:.2f}, v {:.6f}, corrections {:.2f} and {:.6f}\n", one.m[0], one.v[0], c1, c2);
    fmt::print("corrected {:.4f} and {:.4f}, root {:.4f}, quotient {:.4f}, w {:.4f}\n",
               one.m[0] / c1, one.v[0] / c2, std::sqrt(one.v[0] / c2),
               one.m[0] / c1 / std::sqrt(one.v[0] / c2), one.w[0]);
    fmt::print("uncorrected first step: {:.1f} / {:.4f} = {:.4f}\n", 0.4, std::sqrt(0.016),
               0.4 / std::sqrt(0.016));
    fmt::print("the same with beta2 = {:.1f}: {:.1f} / {:.4f} = {:.4f}\n", 0.9, 0.1 * 4,
               std::sqrt(0.1 * 16), 0.4 / std::sqrt(0.1 * 16));
    Walker still({5}, 0.001);
    still.step({0}, 0.1);
    fmt::print("w = 5, lr {:.3f}, decay {:.1f}, no gradient: {:.4f}\n", 0.001, 0.1, still.w[0]);
    fmt::print("taken off: {:.4f}\n", 5 - still.w[0]);
    for (const Real decay : {0.1, 10.0}) {
        Walker pulled({5}, 0.001);
        pulled.step({decay * 5});
        fmt::print("decay {} through the gradient: {:.3f}\n", decay, pulled.w[0]);
    }
    fmt::print("sqrt(0.9) = {:.2f}\n", std::sqrt(0.9));
});

}  // namespace
}  // namespace gradus::lesson_11
