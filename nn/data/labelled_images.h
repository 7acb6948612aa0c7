// SPDX-License-Identifier: MIT
// Images of digits and their labels in files of MNIST's form (nn/files/datasets/idx.h), plain or gzipped:
// MNIST itself, the sets made after it, or our own drawings.
#pragma once

#include <string>

#include "nn/data/strokes.h"

namespace gradus {

// Reads images of any size, scaled to size x size: a pixel becomes the mean of the area that it
// covers. Bytes of 0 to 255 become 0 (paper) to 1 (ink). Throws FileError unless the files hold
// (n, height, width) bytes and n labels from 0 to 9, also in bytes; n > 0. Throws
// std::invalid_argument if the images do not fit in memory.
LabelledImages read_labelled_images(const std::string& images, const std::string& labels,
                                    Index size = 16);

// Writes both files, gzipped, with eight bits per pixel. Throws std::invalid_argument unless the
// images are square and as many as the labels, and FileError if a file cannot be written.
void write_labelled_images(const LabelledImages& set, const std::string& images,
                           const std::string& labels);

}  // namespace gradus
