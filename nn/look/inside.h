// SPDX-License-Identifier: MIT
// A look inside a language model while it reads some text: its attention, each layer's prediction as if that
// layer were the last, and the size of its activations. Also projects its token embeddings onto a
// plane, to show which are similar.
#pragma once

#include <string>
#include <vector>

#include "nn/models/text_model.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

struct LayerView {
    // (NH, T, T): element [head, t, s] is how much position t attends to position s; each row sums
    // to 1, and elements with s > t are 0. A heavily attended position need not matter much: its
    // value vector may be small, or be cancelled by a later layer.
    Tensor attention;
    // (T, V): probabilities of the next token if the output layer read the residual stream after
    // this block (the logit lens; nostalgebraist 2020). For the last layer, the model's own output.
    Tensor lens;
    Tensor stream;    // (T, C): the residual stream after this block
    double norm = 0;  // root mean square of the stream
};

// One view per block. ids: one sequence of 1 to `context` tokens, each in 0..V-1; throws
// std::invalid_argument otherwise.
std::vector<LayerView> look_inside(const TextModel& model, const std::vector<int>& ids);

// The surprisal of each token except the first, in nats: -log p(ids[t] | ids before it), from the
// last layer's lens. T - 1 values.
std::vector<double> surprisal(const std::vector<LayerView>& views, const std::vector<int>& ids);

// The most probable next tokens after position t, likeliest first; at most `count`.
std::vector<int> likeliest(const Tensor& lens, Index t, std::size_t count);

// A token as a label of one or a few columns; a space or line break becomes a visible
// symbol.
std::string token_label(const Tokenizer& tokenizer, int id, bool unicode);

// The rows of a table as points in the plane along which they vary most: the plane of their two
// leading principal components (Pearson 1901), with the mean of the rows as its origin.
struct Plane {
    std::vector<double> x, y;         // of each row
    double x_share = 0, y_share = 0;  // fractions of the total variance, 0 to 1
};
// table: (V, C). Uses power iteration in double, with the same result every time. The sign of each
// component is such that its weight of largest magnitude is positive.
Plane principal_plane(const Tensor& table);

}  // namespace gradus
