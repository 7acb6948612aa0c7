// SPDX-License-Identifier: MIT
// What other software calls the tensors of a model, and how it lays them out. A naming is a list of
// pairs, ours and theirs, so that adding one means writing one down.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/models/text_model.h"
#include "tensor/stored_weight.h"

namespace gradus {

struct TensorNames {
    std::string_view format;  // for messages: "Hugging Face's GPT-2"
    WeightLayout linear;      // how the matrices of linear layers lie there
    std::string_view block;   // what "block" in "block.3.norm1.weight" is called
    std::vector<std::pair<std::string_view, std::string_view>> modules;  // ours, theirs
    // The ends of the names of tensors that may be there, but hold no parameters.
    std::vector<std::string_view> ignored = {};

    // "block.3.attention.qkv.weight" -> "h.3.attn.c_attn.weight".
    std::string theirs(const std::string& ours) const;
    bool ignores(std::string_view name) const;
};

// Whether this is the matrix of a linear layer, which may lie either way; embeddings are (V, C)
// everywhere.
bool is_linear(const std::string& ours, int rank);
// How many heads' queries or keys the rows of this tensor are; 0 if it holds neither.
Index turning_heads(const TextConfig& config, const std::string& ours);

// Hugging Face's transformers (modeling_gpt2.py, modeling_llama.py), GGUF (gguf-py's constants.py) and
// Meta's own, which llama2.c uses.
const TensorNames& hf_names(const TextConfig& config);
const TensorNames& gguf_names(const TextConfig& config);
const TensorNames& meta_names();

}  // namespace gradus
