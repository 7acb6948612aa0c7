// SPDX-License-Identifier: MIT
// What a look inside a GPT shows, as pictures: for a terminal, for report.html and for a page of
// its own.
#pragma once

#include <string>
#include <vector>

#include "nn/look/inside.h"
#include "nn/plot/picture.h"

namespace gradus {

// A text, and what went on inside the model while it read it.
struct Reading {
    std::vector<int> ids;
    std::vector<std::string> labels;  // what each token is called in pictures, by id
    std::vector<LayerView> views;

    Index tokens() const { return static_cast<Index>(ids.size()); }
    const std::string& label(int id) const { return labels[static_cast<std::size_t>(id)]; }
    const std::string& label_at(Index t) const { return label(ids[static_cast<std::size_t>(t)]); }
};

// Throws std::invalid_argument where look_inside() does. unicode: for the labels.
Reading read_text(const Gpt& model, const Tokenizer& tokenizer, std::vector<int> ids, bool unicode);

// Captions of what is shown as text, not as a picture: the surprisal of each token, and the logit
// lens at the last position.
Caption surprisal_caption();
Caption lens_caption();

// The `count` likeliest tokens after the last one.
BarChart next_bars(const Reading& reading, std::size_t count);

// All heads of one layer, or of all layers in turn, for the last `shown` positions.
HeatMaps attention_maps(const Reading& reading, std::size_t layer, Index shown);
HeatMaps attention_maps(const Reading& reading, Index shown);

// How probable each layer finds the token that comes next in the text; the last layer is at the
// top. Needs at least two tokens.
HeatMap lens_map(const Reading& reading);

// The values of the residual stream after each block.
Histograms stream_histograms(const Reading& reading);

// The token embedding's principal plane, a point for each token.
Scatter embedding_plane(const Gpt& model, const Tokenizer& tokenizer, bool unicode);

}  // namespace gradus
