// SPDX-License-Identifier: MIT
// Llama (Touvron et al. 2023, arXiv:2302.13971, section 2.2) and the models of its shape: TinyLlama,
// Mistral, Qwen2. Against GPT-2: RMSNorm for LayerNorm, SwiGLU for the GELU MLP, rotary positions for
// learned ones, heads of keys and values that several heads of queries share, and no biases.
#pragma once

#include <vector>

#include "nn/config.h"
#include "nn/layers/block.h"
#include "nn/layers/embedding.h"
#include "nn/layers/rms_norm.h"
#include "nn/layers/rotary_attention.h"
#include "nn/layers/swiglu.h"

namespace gradus {

enum class Tied { no, yes };  // whether the token embedding is the output layer, too

struct LlamaConfig {
    Index layers = 3;
    Index heads = 4;
    Index kv_heads = 4;   // heads of keys and values; a divisor of heads
    Index head_size = 0;  // HS, even; 0: width / heads
    Index width = 96;     // C
    Index hidden = 256;   // of the MLP
    Index context = 128;
    Index vocabulary = 256;  // V
    Index window = 0;        // a position attends to so many, itself included (Mistral); 0: to all
    double norm_eps = 1e-5;
    double rotary_base = 10000;
    RotaryPairs rotary_pairs = RotaryPairs::halves;
    // Each pair's frequency is divided by its factor (HS / 2 of them; empty: by 1), which stretches a
    // model to longer texts than it was first trained on.
    std::vector<double> rotary_stretch = {};
    Bias qkv_bias = Bias::no;         // in the queries, keys and values, as in Qwen2
    Bias projection_bias = Bias::no;  // in the projection after attention
    Tied tied = Tied::no;

    void fields(auto&& visit) {
        visit("layers", layers, About{.help = "Number of blocks (layers)"});
        visit("heads", heads, About{.help = "Attention heads per block"});
        visit("kv_heads", kv_heads,
              About{.help = "Heads of keys and values; must divide the heads"});
        visit("head_size", head_size, About{.help = "Numbers per head; 0: width / heads"});
        visit("width", width, About{.help = "Width of the residual stream (d_model)"});
        visit("hidden", hidden, About{.help = "Width inside the MLP"});
        visit("context", context, About{.help = "Tokens the model sees at once"});
        visit("vocabulary", vocabulary, About{.help = "", .flag = false});
        // No flag: --window is how much of a text is trained on at once (TextRun).
        visit("window", window,
              About{.help = "Positions that a position attends to; 0: all", .flag = false});
        visit("norm_eps", norm_eps, About{.help = "", .flag = false});
        visit("rotary_base", rotary_base, About{.help = "Base of the rotary frequencies"});
        visit("rotary_stretch", rotary_stretch, About{.help = "", .optional = true, .flag = false});
        visit("qkv_bias", qkv_bias, About{.help = "Biases in queries, keys and values"});
        visit("projection_bias", projection_bias, About{.help = "Bias after attention"});
        visit("tied", tied, About{.help = "Token embedding reused as the output layer"});
    }

    // Throws std::invalid_argument if a field is invalid, naming it and the valid values.
    void validate() const;
    Index size_of_head() const { return head_size > 0 ? head_size : width / heads; }
    // In closed form: V C (twice unless tied) + L (2 C (heads + kv_heads) HS + 3 C hidden + 2 C) + C,
    // and with biases L (heads + 2 kv_heads) HS, and L C.
    Index parameter_count() const;
    // Training FLOPs, as GptConfig counts them.
    double flops_per_token() const;

    bool operator==(const LlamaConfig&) const = default;
};

using LlamaBlock = PreNormBlock<RmsNorm, RotaryAttention, SwiGlu>;

struct Llama {
    LlamaConfig config;
    Embedding token;  // (V, C)
    std::vector<LlamaBlock> blocks;
    RmsNorm norm;
    Embedding output;  // (V, C), or undefined if tied

    Llama() = default;
    // Weights ~ N(0, 0.02^2); those of the projections into the residual stream are divided by
    // sqrt(2 L), as in Gpt.
    Llama(const LlamaConfig& c, std::uint64_t seed) : Llama(c, Initialiser(seed)) {}
    Llama(const LlamaConfig& config, Initialiser init);

    // ids: (B, T), T <= context; returns the logits of the next token at every position, (B, T, V).
    Variable operator()(const Tokens& ids) const;

    // The input to the first block. The positions are the blocks' concern.   (B, T) -> (B, T, C)
    Variable embed(const Tokens& ids, Index first = 0) const;
    // What the model predicts from the residual stream.   (B, T, C) -> (B, T, V)
    Variable logits(const Variable& x) const;

    void parameters(auto&& visit) {
        visit("token", token);
        for (std::size_t i = 0; i < blocks.size(); ++i)
            visit("block." + std::to_string(i), blocks[i]);
        visit("norm", norm);
        if (config.tied == Tied::no) visit("output", output);
    }
};

}  // namespace gradus
