// SPDX-License-Identifier: MIT
// A GPT with GPT-2's architecture (Radford et al. 2019, section 2.3): learned position embeddings,
// pre-norm blocks, GELU (tanh form), a final norm, and the token embedding reused, transposed, as
// the output layer.
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
    Index context = 128;     // the longest sequence the model can read, T <= context
    Index vocabulary = 256;  // V
    Real dropout = 0;        // on embeddings, attention probabilities and both sublayers' outputs
    Bias bias = Bias::yes;   // in linear layers and norms, as in GPT-2

    void fields(auto&& visit) {
        visit("layers", layers, About{.help = "Number of blocks (layers)"});
        visit("heads", heads, About{.help = "Attention heads per block; must divide the width"});
        visit("width", width, About{.help = "Width of the residual stream (d_model)"});
        visit("context", context,
              About{.help = "Tokens the model sees at once; for stories, a whole story must fit"});
        visit("vocabulary", vocabulary, About{.help = "", .flag = false});
        visit("dropout", dropout,
              About{.help = "Fraction of the activations zeroed during training"});
        visit("bias", bias, About{.help = "Biases in linear layers and norms"});
    }

    // Throws std::invalid_argument if a field is invalid, naming it and the valid values.
    void validate() const;
    // In closed form: with biases, (V + T) C + L (12 C^2 + 13 C) + 2 C, where T is the context.
    Index parameter_count() const;
    // Training FLOPs (a multiply-add is two): 6 per weight for the forward and backward
    // passes, plus 12 L C T for attention (Kaplan et al. 2020, table 1; nanoGPT's estimate).
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
    // Weights ~ N(0, 0.02^2); those of the projections into the residual stream are divided by
    // sqrt(2 L), so that its variance does not grow with depth.
    Gpt(const GptConfig& c, std::uint64_t seed) : Gpt(c, Initialiser(seed)) {}
    Gpt(const GptConfig& config, Initialiser init);

    // ids: (B, T), T <= context; returns the logits of the next token at every position, (B, T, V).
    Variable operator()(const Tokens& ids) const;

    // The input to the first block, before dropout: token plus position embeddings. The
    // first of the T positions has index `first`.   (B, T) -> (B, T, C)
    Variable embed(const Tokens& ids, Index first = 0) const;
    // What the model predicts from the residual stream.   (B, T, C) -> (B, T, V)
    Variable logits(const Variable& x) const { return token.logits(norm(x)); }

    // Stores every matrix except the position embedding in 8 bits (tensor/stored_weight.h). The
    // token embedding is included because it is also the output layer, all of which is read for each
    // token.
    void quantise();

    void parameters(auto&& visit) {
        visit("token", token);
        visit("position", position);
        for (std::size_t i = 0; i < blocks.size(); ++i)
            visit("block." + std::to_string(i), blocks[i]);
        visit("norm", norm);
    }
};

}  // namespace gradus
