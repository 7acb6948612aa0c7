// SPDX-License-Identifier: MIT
// The task of lesson 12: drawings of digits, 12 x 12 pixels, and how long to train on them.
#pragma once

#include "nn/data/strokes.h"

namespace gradus::lesson_12 {

constexpr Index kSide = 12, kPixels = kSide * kSide, kTrain = 3000, kTest = 1000;
constexpr Index kEpochs = 8, kBatch = 50;
constexpr Real kRate = Real(0.01);

inline LabelledImages drawings(Stream stream, Index count) {
    return stroke_digits(1, stream, 0, count, {.size = kSide, .noise = 0.03});
}

}  // namespace gradus::lesson_12
