// SPDX-License-Identifier: MIT
// Why is everything trained with AdamW? Three optimisers descend into a valley that is a hundred
// times as steep across as along: SGD, SGD with momentum, and AdamW. Draws their paths, seen from
// above, and the height after each step.
//     ./gradus example valley [paths.svg [heights.svg]]
#include "nn/all.h"

using namespace gradus;

constexpr int kSteps = 100;
constexpr Real kSteepness = 100;  // across (y); along (x) it is 1

// A model of two parameters, x and y, and its loss: the height of the valley there.
struct Walker {
    Variable place = parameter(Tensor::from({-1, 1}));

    Variable height() const {
        return sum(Tensor::from({Real(0.5), kSteepness / 2}) * square(place));  // (2) -> ()
    }
    void parameters(auto&& visit) { visit("place", place); }
};

LineChart paths, heights;

// Takes all the steps, adds a line to both charts, and returns the final height.
double walk(const std::string& name, Walker& walker, auto optimiser, Real lr) {
    Line path{name, {}, {}}, descent{name, {}, {}};
    bool forward = true;
    for (int step = 0; step <= kSteps; ++step) {
        const Tensor& place = walker.place.value();
        const Variable height = walker.height();
        // A chart's lines only go to the right: a path is drawn until it first turns back.
        forward = forward && (step == 0 || place[0] > path.x.back());
        if (forward) path.x.push_back(place[0]), path.y.push_back(place[1]);
        descent.x.push_back(step), descent.y.push_back(height.item());

        optimiser.zero_grad();
        height.backward();
        optimiser.step(lr);
    }
    paths.lines.push_back(path), heights.lines.push_back(descent);
    fmt::print("{:9}{:10.2g}\n", name, descent.y.back());
    return descent.y.back();
}

int main(int argc, char** argv) try {
    paths.caption = {"The valley from above, lowest at 0, 0",
                     "SGD zigzags between the walls and hardly gets on; momentum swings further, "
                     "down to the bottom; AdamW goes straight there, and a little too far.",
                     "AdamW bends: its steps are not of the same length in x and y."};
    paths.x = {"x, along"}, paths.y = {"y, across"};
    heights.caption = {"The height after each step",
                       "SGD falls fast while it leaves the walls, then slowly; momentum falls fast "
                       "all the way; AdamW passes the bottom and returns, in ever smaller swings.",
                       "a line that rises for good: the learning rate is too large."};
    heights.x = {"step"}, heights.y = {"height", true};

    // The walls limit SGD to a rate below 2 / 100, so it is slow along the valley. Momentum
    // accumulates gradients that keep pointing the same way. AdamW divides each gradient by its
    // typical size, so the steepness of the walls cancels out: its rate is the length of a step.
    // You should see 0.013, 2e-07 and 0.0009. Momentum wins, but 0.018 and 0.7 were chosen for this
    // one valley.
    fmt::print("height after {} steps, from {:.1f}\n", kSteps, Walker().height().item());
    Walker a, b, c;
    const double sgd = walk("SGD", a, Sgd(named_parameters(a)), Real(0.018));
    const double momentum = walk("momentum", b, Sgd(named_parameters(b), Real(0.7)), Real(0.018));
    const double adamw = walk("AdamW", c, AdamW(named_parameters(c)), Real(0.05));

    for (const LineChart& chart : {paths, heights})
        fmt::print("\n{}.\n{}\n\n{}", chart.caption.title,
                   wrapped("You should see " + chart.caption.look_for),
                   text(chart, terminal_style(12)));
    if (argc > 1) write_picture(argv[1], paths);
    if (argc > 2) write_picture(argv[2], heights);
    return momentum < 1e-6 && adamw < 0.002 && sgd > 0.01 && sgd < 0.02 ? 0 : 1;
} catch (const std::exception& error) {
    fmt::print("{}\n", error.what());
    return 1;
}
