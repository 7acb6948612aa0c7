// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"
#include "lessons/09-descent/moons.h"
#include "nn/optimiser.h"

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
    LineChart chart;
    chart.caption = {"Loss at each step",
                     "the middle rate falls; a hundredth of it hardly moves; a hundred times it is "
                     "thrown out in a few steps.",
                     "all three rise (uphill), or the middle one falls and turns up again "
                     "(gradients not zeroed)."};
    chart.x.name = "step";
    chart.y = {"loss", true};
    for (const Real lr : kRates) {
        const auto losses = losses_with(lr, 9);
        std::string line = fmt::format("lr {:<4}", lr);
        for (std::size_t i = 0; i < 5; ++i)
            line += fmt::format(" {:{}.2f}", losses[i], i < 3 ? 5 : 6);
        stage.print(line);
        chart.lines.push_back(curve(fmt::format("lr {}", lr), losses));
    }
    stage.print("");
    stage.show("rates", chart);
}

// The plane as the network sees it, from class 0 (blank) to class 1 (full).
std::vector<std::string> frame(const Moons& moons, const std::string& title, bool unicode) {
    constexpr Index kRows = 8, kColumns = 18;
    const std::vector<std::string> shades = unicode
                                                ? std::vector<std::string>{" ", "░", "▒", "▓", "█"}
                                                : std::vector<std::string>{" ", ".", ":", "+", "#"};
    const NoGrad no_grad;
    std::vector<std::string> lines = {fmt::format("{:<{}}", title, kColumns)};
    for (Index r = 0; r < kRows; ++r) {
        std::string line;
        for (Index c = 0; c < kColumns; ++c) {
            const Tensor at = Tensor::matrix({{Real(-1.5 + 4.0 * (double(c) + 0.5) / kColumns),
                                               Real(1.4 - 2.3 * (double(r) + 0.5) / kRows)}});
            const Real p = sigmoid(moons.net(at)).item();
            line += shades[static_cast<std::size_t>(std::min(4.0, 5 * p))];
        }
        lines.push_back(line);
    }
    return lines;
}

void film(const Stage& stage) {
    stage.say(
        "And the network itself while your descend works, with lr = 1. Each frame is the plane: "
        "full where the network says lower moon, blank where it says upper moon.");
    Moons moons;
    std::vector<std::vector<std::string>> frames;
    std::vector<Real> losses;
    std::vector<std::string> report;
    for (const Index until : {0, 5, 20, 100, 300, 1000}) {
        const auto more = part().descend(moons.loss(), moons.parameters(), 1,
                                         until - static_cast<Index>(losses.size()));
        losses.insert(losses.end(), more.begin(), more.end());
        frames.push_back(frame(moons, fmt::format("after step {}", until), stage.style().unicode));
        report.push_back(fmt::format("after step {:4}: loss {:.4f}", until, moons.loss()().item()));
        report.push_back(
            fmt::format("                 unseen right {:.1f} %", 100 * moons.right()));
    }
    const std::size_t side_by_side = stage.style().columns >= 60 ? 3 : 2;
    for (std::size_t first = 0; first < frames.size(); first += side_by_side) {
        for (std::size_t row = 0; row < frames[first].size(); ++row) {
            std::string line;
            for (std::size_t i = first; i < std::min(first + side_by_side, frames.size()); ++i)
                line += (i > first ? "  " : "") + frames[i][row];
            stage.print(line);
        }
        stage.print("");
    }
    for (const auto& line : report) stage.print(line);
    stage.print("");
}

void momentum(const Stage& stage) {
    stage.say(
        "The library's optimiser on your two steps, both with lr = 0.3, once without momentum and "
        "once with 0.9:");
    LineChart chart;
    chart.caption = {"Loss with and without momentum",
                     "where the slope is gentle and long, the line with momentum is ten times as "
                     "fast.",
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

const WorkedNumbers numbers([] {
    walk(true);
    walk(false);
    run({1, 1, 1});
    run({1, -1, 1, -1});
});

}  // namespace
}  // namespace gradus::lesson_09
