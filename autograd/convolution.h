// SPDX-License-Identifier: MIT
// Convolution and pooling of images (B, H, W, C), channels last.
#pragma once

#include "autograd/variable.h"
#include "tensor/convolution.h"

namespace gradus {

// The pixels in each sliding window.   (B, H, W, C) -> (B, OH, OW, rows columns C)
Variable unfold(const Variable& x, const WindowOptions& options);

// y = sum over the window of x weight, plus bias.   weight: (rows columns C, OUT), with the inputs
// in the order of unfold(); bias: (OUT), or undefined.   (B, H, W, C) -> (B, OH, OW, OUT)
Variable convolution(const Variable& x, const Variable& weight, const Variable& bias,
                     const WindowOptions& options);

// The largest value, and the mean, of each channel in each window; padding counts as zeros in the
// mean, and never is the largest.   (B, H, W, C) -> (B, OH, OW, C)
Variable max_pool(const Variable& x, const WindowOptions& options);
Variable mean_pool(const Variable& x, const WindowOptions& options);

}  // namespace gradus
