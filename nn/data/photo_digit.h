// SPDX-License-Identifier: MIT
// Finds the one digit that somebody wrote on paper and photographed, and draws it as the training
// data of nn/data/strokes.h are drawn: same size, same place, same width of the pen, ink 1 on
// paper 0. Classical image processing, with nothing learnt; what the digit is, a network must say.
// Not handled: several digits, paper turned by more than the network tolerates, white on black.
#pragma once

#include <string>
#include <vector>

#include "nn/files/datasets/image.h"

namespace gradus {

struct PhotoDigit {
    std::string problem;  // why no digit was found: "the page is blank"; empty if there is one
    // The rest is only there if there is a digit.
    std::size_t left = 0, top = 0, right = 0, bottom = 0;  // in the photo's pixels; ends exclusive
    double pen = 0;            // width of the line as written, as a fraction of the digit's height
    std::vector<float> image;  // (side, side): 0 paper, 1 ink, the first row at the top
};

// A pure function of the pixels: the same photo gives the same bits. 12 megapixels take about
// 0.1 s. Throws std::invalid_argument unless the photo is grey, its bytes fit its size, and `side`
// is from 8 to 64.
PhotoDigit find_digit(const Pixels& photo, std::size_t side = 16);

}  // namespace gradus
