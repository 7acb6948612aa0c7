// SPDX-License-Identifier: MIT
// A look inside a GPT while it reads one text: who attends to whom, what each layer would say if it
// were the last, how large its activations are; and which tokens it considers alike.
#pragma once

#include <string>
#include <vector>

#include "nn/models/gpt.h"
#include "nn/text/tokenizer.h"

namespace gradus {

struct LayerView {
    // (NH, T, T): probabilities[head, t, s] is how much position t looks at position s; a row sums
    // to 1, and s > t is 0. A position that is looked at a lot need not matter much: the values
    // gathered there may be small, or cancelled by a later layer.
    Tensor attention;
    // (T, V): probabilities of the next token if the output layer read the stream after this block
    // (the logit lens; nostalgebraist 2020). For the last layer, what the model itself says.
    Tensor lens;
    Tensor stream;    // (T, C): the residual stream after this block
    double norm = 0;  // its root mean square
};

// One view per block. ids: one text of 1 to `context` tokens, each in 0..V-1; throws
// std::invalid_argument otherwise.
std::vector<LayerView> look_inside(const Gpt& model, const std::vector<int>& ids);

// The surprisal of each token but the first, in nats: -log p(ids[t] | ids before it), from the last
// layer's lens. T - 1 values.
std::vector<double> surprisal(const std::vector<LayerView>& views, const std::vector<int>& ids);

// The most probable tokens at position t, likeliest first; at most `count`.
std::vector<int> likeliest(const Tensor& lens, Index t, std::size_t count);

// A token as a label of one or a few columns: blanks are shown as a visible sign.
std::string token_label(const Tokenizer& tokenizer, int id, bool unicode);

// The rows of a table as points in the plane in which they differ most: their two leading principal
// components (Pearson 1901), relative to the mean of the rows.
struct Plane {
    std::vector<double> x, y;         // of each row
    double x_share = 0, y_share = 0;  // shares of the total variance, 0 to 1
};
// table: (V, C). By power iteration in double, with the same result every time. The largest weight
// of each component is positive.
Plane principal_plane(const Tensor& table);

}  // namespace gradus
