// SPDX-License-Identifier: MIT
// GPT with GPT-2's architecture (Radford et al. 2019, section 2.3): learned positions, pre-norm
// blocks, GELU (tanh form), a final norm, and the token embedding used again, transposed, as the
// output layer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nn/config.h"
#include "nn/layers/block.h"
#include "nn/layers/embedding.h"

namespace gradus {

struct GptConfig {
    Index layers = 3;
    Index heads = 4;
    Index width = 96;        // C (d_model, n_embd elsewhere), a multiple of heads
    Index context = 128;     // the longest sequence it can see, T <= context
    Index vocabulary = 256;  // V
    Real dropout = 0;        // on the embedding, on attention and on both outputs of a block
    Bias bias = Bias::yes;   // in linear layers and norms; GPT-2 has them

    void fields(auto&& visit) {
        visit("layers", layers, About{.help = "Blocks on top of each other"});
        visit("heads", heads, About{.help = "Attention heads per block; must divide the width"});
        visit("width", width, About{.help = "Width of the residual stream (d_model)"});
        visit("context", context,
              About{.help = "Tokens that the model sees at once; for stories the longest story"});
        visit("vocabulary", vocabulary, About{.help = "", .flag = false});
        visit("dropout", dropout,
              About{.help = "Share of the activations that is zeroed while training"});
        visit("bias", bias, About{.help = "Biases in linear layers and norms"});
    }

    // Throws std::invalid_argument if a field is invalid, naming it and a value that would do.
    void validate() const;
    // In closed form: (V + T) C + L (12 C^2 + 13 C) + 2 C with biases.
    Index parameter_count() const;
    // A multiply-add counts as two FLOPs: 6 per weight for forward and backward, plus 12 L C T for
    // attention (Kaplan et al. 2020, table 1; nanoGPT's estimate).
    double flops_per_token() const;

    bool operator==(const GptConfig&) const = default;
    static GptConfig gpt2(std::string_view size);  // "124M", "350M", "774M" or "1558M"
};

struct Gpt {
    GptConfig config;
    Embedding token;     // (V, C)
    Embedding position;  // (context, C)
    std::vector<Block> blocks;
    LayerNorm norm;

    Gpt() = default;
    // Weights ~ N(0, 0.02^2), those that write into the residual stream divided by sqrt(2 L), so
    // that its variance does not grow with depth.
    Gpt(const GptConfig& config, std::uint64_t seed);

    // ids: (B, T), T <= context; returns the logits of the next token at every position, (B, T, V).
    Variable operator()(const Tokens& ids) const;

    // The input to the first block, before dropout: token plus position embeddings. The first of
    // the T positions is number `first`.   (B, T) -> (B, T, C)
    Variable embed(const Tokens& ids, Index first = 0) const;

    // Stores every matrix except the position embedding in 8 bits (tensor/int8.h), for generating:
    // after that the model cannot be trained or saved. The token embedding is included because it
    // is also the output layer, all of which is read for each token.
    void quantise();
    Index bytes();  // size of the weights in memory

    void parameters(auto&& visit) {
        visit("token", token);
        visit("position", position);
        for (std::size_t i = 0; i < blocks.size(); ++i)
            visit("block." + std::to_string(i), blocks[i]);
        visit("norm", norm);
    }
};

}  // namespace gradus
