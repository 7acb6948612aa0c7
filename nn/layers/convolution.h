// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>

#include "autograd/convolution.h"
#include "autograd/shape.h"
#include "nn/layers/linear.h"

namespace gradus {

// A convolution of images, channels last (LeCun et al. 1989).   (B, H, W, C) -> (B, OH, OW, OUT)
struct Conv2d {
    Variable weight;  // (rows columns C, OUT), in the order of unfold()
    Variable bias;    // (OUT), or undefined
    WindowOptions window;

    Conv2d() = default;
    // weight ~ N(0, 2 / inputs), which preserves the variance through a ReLU (He et al. 2015,
    // arXiv:1502.01852, eq. 10); bias 0.
    Conv2d(Index channels, Index out, const WindowOptions& options, Initialiser& init,
           Bias with_bias = Bias::yes)
        : window(options) {
        const Index inputs = options.rows * options.columns * channels;
        weight = init.normal({inputs, out}, std::sqrt(2 / static_cast<double>(inputs)));
        if (with_bias == Bias::yes) bias = Initialiser::constant({out}, 0);
    }

    Variable operator()(const Variable& x) const { return convolution(x, weight, bias, window); }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

// A convolution of sequences.   (B, T, C) -> (B, T, OUT), or fewer positions with a stride.
// causal: position t sees only the positions up to t (van den Oord et al. 2016, arXiv:1609.03499);
// otherwise the window, of odd size, is centred.
struct Conv1d {
    Conv2d convolution;  // of images with one row
    bool causal = false;

    Conv1d() = default;
    Conv1d(Index channels, Index out, Index size, Initialiser& init, bool is_causal = false,
           Index stride = 1, Index dilation = 1, Bias bias = Bias::yes)
        : convolution(channels, out,
                      {.columns = size,
                       .stride = stride,
                       .dilation = dilation,
                       .pad_columns = (size - 1) * dilation / (is_causal ? 1 : 2)},
                      init, bias),
          causal(is_causal) {
        require(causal || size % 2 == 1, "conv1d: window of {}, must be odd unless it is causal",
                size);
    }

    Variable operator()(const Variable& x) const {
        require(x.shape().rank() == 3, "conv1d: needs (B, T, C), got {}", x.shape());
        const Index B = x.size(0), T = x.size(1), stride = convolution.window.stride;
        const Variable y = convolution(reshape(x, {B, 1, T, x.size(2)}));
        const Variable rows = reshape(y, {B, y.size(2), y.size(3)});
        return causal ? slice(rows, 1, 0, (T + stride - 1) / stride) : rows;
    }
    void parameters(auto&& visit) { convolution.parameters(visit); }
};

}  // namespace gradus
