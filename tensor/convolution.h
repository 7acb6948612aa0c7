// SPDX-License-Identifier: MIT
// What convolution and pooling need of images: the pixels in a sliding window, and the largest of
// them. Images are (B, H, W, C), channels last, so that the channels of a pixel are contiguous and a
// convolution is one matrix product (Chellapilla, Puri, Simard 2006). The unfolded image takes
// rows x columns times the memory of the image.
#pragma once

#include <vector>

#include "tensor/tensor.h"
#include "tensor/windows.h"

namespace gradus {

struct WindowOptions {
    Index rows = 1, columns = 1;          // of a window
    Index stride = 1, dilation = 1;       // in both directions
    Index pad_rows = 0, pad_columns = 0;  // of zeros, on each side
};

// Throws std::invalid_argument unless at least one window fits into the padded images.
Windows windows_of(const char* op, const Shape& images, const WindowOptions& options);

// (B, H, W, C) -> (B, OH, OW, rows columns C): the pixels of each window, row by row. dx += the
// gradient.
Tensor unfold_forward(const Tensor& x, const WindowOptions& options);
void unfold_backward(const Tensor& dy, const WindowOptions& options, const Tensor& dx);

struct MaxPoolForward {
    Tensor y;                   // (B, OH, OW, C): the largest value of each channel in each window
    std::vector<Index> winner;  // its index within its image, kept for backward
};
// Throws std::invalid_argument if a window may hold nothing but padding.
MaxPoolForward max_pool_forward(const Tensor& x, const WindowOptions& options);
void max_pool_backward(const Tensor& dy, const MaxPoolForward& forward,
                       const WindowOptions& options, const Tensor& dx);

}  // namespace gradus
