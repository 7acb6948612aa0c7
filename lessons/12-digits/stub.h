// SPDX-License-Identifier: MIT
// Lesson 12: a neural network by hand. The text is lessons/12-digits/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 12
#pragma once

#include "lessons/12-digits/given.h"

namespace mine {

// The network: pixels x (n, P) -> reader.hidden -> tanh -> reader.scores: (n, D), one score for
// each digit. Scores are any numbers, not probabilities: cross_entropy wants them as they are.
inline Variable forward(const Reader& reader, const Variable& x) {
    unfinished("forward");  // TODO: one line
}

// For each row of scores (n, D) the place of its largest number, 0 to D - 1; of equal ones the
// first. Row i, column j lies at scores.data()[i * D + j].
inline std::vector<int> predict(const Tensor& scores) {
    unfinished("predict");  // TODO
}

// The part of the drawings that was read right, from 0 to 1: read[i] is what was read, digits[i]
// what it is. Both have the same length, which is not 0.
inline double accuracy(const std::vector<int>& read, const std::vector<int>& digits) {
    unfinished("accuracy");  // TODO
}

// Image which[0] of data with its label, then image which[1], and so on, as a copy.
// data.images (N, P) holds one image per row, data.labels.id (N) one label per image.
inline LabelledImages pick(const LabelledImages& data, const std::vector<Index>& which) {
    unfinished("pick");  // TODO: rows and labels
}

// Goes through all images of data `epochs` times, B at a time, each time in a new order made by
// random.shuffle(order). For each B of them: one step of one AdamW with learning rate lr. If B does
// not divide their number, the last step of an epoch gets what is left.
inline void train(Reader& reader, const LabelledImages& data, Index epochs, Index B, Real lr,
                  Random& random) {
    unfinished("train");  // TODO: two loops; inside: pick, zero, forward, backward, step
}

}  // namespace mine
