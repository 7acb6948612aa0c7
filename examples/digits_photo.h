// SPDX-License-Identifier: MIT
// The second half of examples/digits.cpp: a photo of a digit, as the network sees it, and how sure
// it is.
#pragma once

#include "nn/all.h"

namespace gradus {

// Below this probability the answer is "not sure". On fifty photos of other handwriting
// (tests/nn/data/photo_pages.h) 46 are read right above it, and 3 wrong: it is too sure of itself.
constexpr double kSure = 0.9;

// p: (10), the probabilities of the digits. Returns what to print.
inline std::string reading_text(const PhotoDigit& digit, const Tensor& p, const TextStyle& style) {
    ImageSheet sheet;
    sheet.rows = sheet.columns = 16;
    sheet.images = {{"", {digit.image.begin(), digit.image.end()}}};
    BarChart bars;
    bars.value_axis = "probability";
    for (Index i = 0; i < 10; ++i) {
        bars.labels.push_back(std::to_string(i));
        bars.values.push_back(std::round(1000 * static_cast<double>(p[i])) / 1000);
    }
    const Index best = argmax(p.data(), 10);
    const double sure = static_cast<double>(p[best]);
    return fmt::format("What the network sees:\n\n{}\n{}\n{}\n", text(sheet, style),
                       text(bars, style),
                       sure >= kSure ? fmt::format("It reads: {}", best)
                                     : fmt::format("It is not sure; its best guess: {}", best));
}

// Says why there is no digit. Returns the exit code.
inline int no_digit(const PhotoDigit& digit) {
    fmt::print("No digit: {}.\n", digit.problem);
    return 1;
}

// Reads a digit that was found. `network` maps (1, 256) to the scores (1, 10). Returns the exit
// code.
int read_digit(const PhotoDigit& digit, const auto& network) {
    const Tensor x = Tensor::empty({1, static_cast<Index>(digit.image.size())});
    std::copy(digit.image.begin(), digit.image.end(), x.data());
    const Tensor p = softmax(network(x)).value().reshape({10});
    fmt::print("{}", reading_text(digit, p, terminal_style()));
    return 0;
}

}  // namespace gradus
