// SPDX-License-Identifier: MIT
// A look inside a GPT while it reads one text: who attends to whom, and what each layer would say
// if it were the last.
#pragma once

#include <vector>

#include "nn/gpt.h"

namespace gradus {

struct LayerView {
    // (NH, T, T): probabilities[head, t, s] is how much position t looks at position s; a row sums
    // to 1, and s > t is 0. How much is looked at is not yet how much it matters: the values that
    // are gathered may be small, or undone by a later layer.
    Tensor attention;
    // (T, V): probabilities of the next token if the output layer read the stream behind this block
    // (the logit lens; nostalgebraist 2020). In the last layer, what the model says.
    Tensor lens;
    double norm = 0;  // root mean square of the residual stream behind this block
};

// One view per block. ids: one text of 1 to `context` tokens, each in 0..V-1; throws
// std::invalid_argument otherwise.
std::vector<LayerView> look_inside(const Gpt& model, const std::vector<int>& ids);

// Nats by which each token but the first surprises the model: -log p(ids[t] | ids before it), from
// the last layer's lens. T - 1 numbers.
std::vector<double> surprises(const std::vector<LayerView>& views, const std::vector<int>& ids);

}  // namespace gradus
