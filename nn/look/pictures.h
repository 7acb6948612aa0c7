// SPDX-License-Identifier: MIT
// A look inside a language model, as pictures for a terminal, for report.html and for a page of its own.
#pragma once

#include <string>
#include <vector>

#include "nn/look/inside.h"
#include "nn/plot/picture.h"

namespace gradus {

// A sequence of tokens, and what went on inside the model that read it.
struct Reading {
    std::vector<int> ids;
    std::vector<std::string> labels;  // each token's label in pictures, by id
    std::vector<LayerView> views;

    Index tokens() const { return static_cast<Index>(ids.size()); }
    const std::string& label(int id) const { return labels[static_cast<std::size_t>(id)]; }
    const std::string& label_at(Index t) const { return label(ids[static_cast<std::size_t>(t)]); }
};

// Throws std::invalid_argument whenever look_inside() does. unicode: as for token_label().
Reading read_text(const TextModel& model, const Tokenizer& tokenizer, std::vector<int> ids,
                  bool unicode);

// Captions for what is shown as text rather than as a picture: the surprisal of each token, and the
// logit lens at the last position.
Caption surprisal_caption();
Caption lens_caption();

// The `count` likeliest tokens to follow the end of the text.
BarChart next_bars(const Reading& reading, std::size_t count);

// All heads of one layer, or of all layers in turn, for the last `shown` positions.
HeatMaps attention_maps(const Reading& reading, std::size_t layer, Index shown);
HeatMaps attention_maps(const Reading& reading, Index shown);

// The probability that each layer assigns, at each position, to the token that comes next in the
// text; the last layer is at the top. Needs at least two tokens.
HeatMap lens_map(const Reading& reading);

// The activations of the residual stream after each block.
Histograms stream_histograms(const Reading& reading);

// The token embedding's principal plane, with a point for each token. Of a vocabulary of more than a
// thousand, only the tokens 256 to 655, which in most are the bytes' most frequent merges.
Scatter embedding_plane(const TextModel& model, const Tokenizer& tokenizer, bool unicode);

}  // namespace gradus
