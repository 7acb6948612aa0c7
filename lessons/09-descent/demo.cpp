// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"
#include "lessons/09-descent/moons.h"
#include "nn/look/plane.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_09 {
namespace {

// The losses of two moons, from the first values of the network.
std::vector<Real> losses_with(Real lr, Index steps) {
    Moons moons;
    return part().descend(moons.loss(), moons.parameters(), lr, steps);
}

Line curve(const std::string& name, const std::vector<Real>& losses) {
    Line line{name, {}, {losses.begin(), losses.end()}};
    for (std::size_t i = 0; i < losses.size(); ++i) line.x.push_back(static_cast<double>(i));
    return line;
}

const std::vector<Real> kRates = {0.01, 1, 100};

void parabola(const Stage& stage) {
    stage.say("Your descend on the parabola, loss = w * w, from w = 1:");
    for (const Real lr : {Real(0.1), Real(1), Real(10)}) {
        const Variable w = parameter(Tensor::from({1}));
        std::string path = fmt::format("lr {:<3} w = 1", lr);
        for (int i = 0; i < 4; ++i) {
            part().descend([&] { return w * w; }, {w}, lr, 1);
            path += fmt::format(", {:.6g}", w.item());
        }
        stage.print(path);
    }
    stage.print("");
}

void rates(const Stage& stage) {
    stage.say("Two moons: the loss of the first steps, with three learning rates.");
    LineChart calm, all;
    calm.caption = {
        "Loss at each step, with the two smaller rates",
        "rate 1 falls; a hundredth of it hardly moves.",
        "both rise (uphill), or rate 1 falls and turns up again (gradients not zeroed)."};
    all.caption = {"The same with all three, on a logarithmic axis",
                   "rate 100 is thrown out in a few steps. Beside it, the other two look like one.",
                   "three lines that fall: the learning rate is not used."};
    calm.x.name = all.x.name = "step";
    calm.y = {"loss"}, all.y = {"loss", true};
    for (const Real lr : kRates) {
        const auto losses = losses_with(lr, 9);
        std::string line = fmt::format("lr {:<4}", lr);
        for (std::size_t i = 0; i < 5; ++i)
            line += fmt::format(" {:{}.2f}", losses[i], i < 3 ? 5 : 6);
        stage.print(line);
        all.lines.push_back(curve(fmt::format("lr {}", lr), losses));
        if (lr < kRates.back()) calm.lines.push_back(all.lines.back());
    }
    stage.print("");
    stage.show("rates", calm);
    stage.show("too-large", all);
}

void film(const Stage& stage) {
    stage.say("And the network itself while your descend works, with lr = 1:");
    Moons moons;
    Boundary picture = plane_of(moons.unseen.x, moons.unseen.y);
    picture.caption = {
        "Which moon? What the network says all over the plane",
        "the border, a straight line at first. It bends, and ends by going around the tips of "
        "the moons.",
        "a plane of one shade, or a border that does not move: no step is ever made."};
    picture.x_axis = "x", picture.y_axis = "y";
    picture.classes[0].name = "upper moon", picture.classes[1].name = "lower moon";
    Index done = 0;
    for (const Index until : {0, 5, 20, 100, 300, 1000}) {
        part().descend(moons.loss(), moons.parameters(), 1, until - done);
        done = until;
        add_frame(picture, fmt::format("step {}", until),
                  sigmoid(moons.net(cells_of(picture))).value());
        stage.print(fmt::format("after step {:4}: loss {:.4f}", until, moons.loss()().item()));
        stage.print(fmt::format("                 unseen right {:.1f} %", 100 * moons.right()));
    }
    stage.print("");
    stage.show("film", picture);
}

void momentum(const Stage& stage) {
    stage.say(
        "The library's optimiser on your two steps, both with lr = 0.3, once without momentum and "
        "once with 0.9:");
    LineChart chart;
    chart.caption = {"Loss with and without momentum",
                     "the lower line, with momentum. Where the slope is gentle and long, it is ten "
                     "times as fast.",
                     "two lines that are one: the velocity is not used."};
    chart.x.name = "step";
    chart.y = {"loss", true};
    for (const Real mu : {Real(0), Real(0.9)}) {
        Moons moons;
        Sgd optimiser(named_parameters(moons.net), mu);
        std::vector<Real> losses;
        for (Index step = 0; step < 400; ++step) {
            optimiser.zero_grad();
            const Variable loss = moons.loss()();
            losses.push_back(loss.item());
            loss.backward();
            optimiser.step(0.3);
        }
        stage.print(
            fmt::format("momentum {:<3}: loss {:.4f} after 400", mu, moons.loss()().item()));
        chart.lines.push_back(curve(fmt::format("momentum {}", mu), losses));
    }
    stage.print("");
    stage.show("momentum", chart);
}

const Demo demo([](Stage& stage) {
    parabola(stage);
    rates(stage);
    film(stage);
    momentum(stage);
});

// w, step by step, on the parabola: with the gradient that is right, and with the sum of all.
void walk(bool zeroed) {
    Real w = 1, g = 0;
    for (int i = 0; i < 3; ++i) {
        g = zeroed ? 2 * w : g + 2 * w;
        fmt::print("w {:.4g} loss {:.2f} gradient {:.4g}, used {:.4g}", w, w * w, 2 * w, g);
        part().sgd_step(&w, &g, Real(0.1), 1);
        fmt::print(" -> {:.4g}\n", w);
    }
    fmt::print("then {:.2f}\n", w * w);
}

void run(const std::vector<Real>& gradients) {
    Real w = 0, velocity = 0;
    for (const Real g : gradients) {
        fmt::print("momentum {} keeps {:.4g}", 0.9, 0.9 * velocity);
        part().momentum_step(&w, &g, &velocity, Real(0.1), Real(0.9), 1);
        fmt::print(", velocity {:.4g}, w {:.4g}\n", velocity, w);
    }
}

// How well networks do that nobody has trained: chance decides which side of their border is which.
void untrained() {
    Real loss = 0, right = 0;
    for (int seed = 1; seed <= 100; ++seed) {
        Moons moons;
        moons.net = Net(Initialiser(static_cast<std::uint64_t>(seed)));
        const Real l = moons.loss()().item(), r = 100 * moons.right();
        if (seed <= 10) fmt::print("untrained {}: loss {:.4f}, right {:.1f} %\n", seed, l, r);
        loss += l / 100, right += r / 100;
    }
    fmt::print("mean of 100: loss {:.2f}, right {:.0f} %; ln 2 = {:.4f}\n", loss, right,
               std::log(2.0));
}

const WorkedNumbers numbers([] {
    untrained();
    walk(true);
    walk(false);
    run({1, 1, 1});
    run({1, -1, 1, -1});
});

}  // namespace
}  // namespace gradus::lesson_09
