// SPDX-License-Identifier: MIT
// A whole training run in one picture, as it appeared in the terminal: the loss between the
// uniform baseline and the floor, samples along the way, the result, and a chat with the model.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradus {

// Everything the picture shows, small enough to keep next to it (about 5 kB as JSON).
struct RunPicture {
    struct Sample {
        int step = 0;
        double val = 0;   // validation loss at this step, nats per token
        int faults = -1;  // number found in the text by the data's checker; negative: not checked
        std::string text;
    };
    struct Turn {
        std::string typed, answer;
    };
    std::string command;       // "./gradus gpt"
    std::string model;         // "3 layers, 3 heads, d_model 96, 352,032 parameters"
    std::string unit;          // "character": losses are in nats per unit
    int vocabulary = 0;        // V: the uniform baseline is ln V
    double floor = -1;         // entropy of the data; negative: not known
    int steps = 0;             // in the whole run
    std::string verdict = {};  // "normal"
    // Pairs of step and loss in nats per token, in ascending order of step.
    std::vector<std::pair<int, double>> loss = {}, val = {};
    std::vector<Sample> samples = {};  // in ascending order of step
    std::vector<Turn> talk = {};
};

// Thins losses to a curve that fits in a picture: the mean over each stretch of steps, placed at
// the centre of the stretch. Each stretch is a twentieth as long as all the steps before it. Unlike
// a moving average, the curve does not lag.
std::vector<std::pair<int, double>> thin(const std::vector<std::pair<int, double>>& points);

std::string to_json(const RunPicture& run);
// Throws std::invalid_argument, saying what is wrong, for anything to_json() cannot have written.
RunPicture run_picture(std::string_view json);

// The picture as SVG, 640 units wide and as high as necessary: light or dark to match the reader's
// system, readable on a phone, without scripts or external resources. Throws std::invalid_argument
// if there are no losses.
std::string svg(const RunPicture& run);

}  // namespace gradus
