// SPDX-License-Identifier: MIT
#include "nn/models/llama.h"

#include <algorithm>
#include <cmath>

#include "nn/layers/recompute.h"

namespace gradus {

void LlamaConfig::validate() const {
    require(layers >= 1 && layers <= 1000, "llama: {} layers, must be 1 to 1000", layers);
    require(heads >= 1 && heads <= 65536, "llama: {} heads, must be 1 to 65536", heads);
    require(kv_heads >= 1 && heads % kv_heads == 0,
            "llama: {} heads of keys and values, must divide the {} heads", kv_heads, heads);
    require(width >= 1 && width <= 65536, "llama: width {}, must be 1 to 65536", width);
    require(head_size > 0 || width % heads == 0,
            "llama: heads must divide the width: {} / {} leaves {}", width, heads, width % heads);
    require(head_size >= 0 && size_of_head() <= 65536 && size_of_head() % 2 == 0,
            "llama: heads of size {}, must be even, up to 65536: rotary positions turn pairs",
            size_of_head());
    require(hidden >= 1 && hidden <= 1 << 20, "llama: hidden width {}, must be 1 to {}", hidden,
            1 << 20);
    // So far rotary angles are exact (tensor/rotary.cpp).
    require(context >= 1 && context <= 1 << 20, "llama: context {}, must be 1 to {}", context,
            1 << 20);
    require(vocabulary >= 1 && vocabulary <= 1 << 24, "llama: vocabulary {}, must be 1 to {}",
            vocabulary, 1 << 24);
    require(window >= 0, "llama: window {}, must be at least 0 (0: no window)", window);
    require(norm_eps >= 0 && norm_eps < 1, "llama: norm_eps {}, must be in [0, 1)", norm_eps);
    require(rotary_base > 1 && std::isfinite(rotary_base), "llama: rotary base {}, must be above 1",
            rotary_base);
    const auto pairs = static_cast<std::size_t>(size_of_head() / 2);
    require(rotary_stretch.empty() || rotary_stretch.size() == pairs,
            "llama: {} rotary stretches for {} pairs", rotary_stretch.size(), pairs);
    for (const double factor : rotary_stretch)
        require(factor > 0 && std::isfinite(factor), "llama: rotary factor {}, must be above 0",
                factor);
}

Index LlamaConfig::parameter_count() const {
    const Index C = width, HS = size_of_head();
    const Index biases = (qkv_bias == Bias::yes ? (heads + 2 * kv_heads) * HS : 0) +
                         (projection_bias == Bias::yes ? C : 0);
    const Index block = 2 * C * (heads + kv_heads) * HS + biases + 3 * C * hidden + 2 * C;
    return (tied == Tied::yes ? 1 : 2) * vocabulary * C + layers * block + C;
}

double LlamaConfig::flops_per_token() const {
    // The embedding is looked up; only as the output layer is it multiplied by.
    const Index looked_up = tied == Tied::yes ? 0 : vocabulary * width;
    const Index seen = window > 0 ? std::min(window, context) : context;
    return 6 * static_cast<double>(parameter_count() - looked_up) +
           12 * static_cast<double>(layers * heads * size_of_head() * seen);
}

Llama::Llama(const LlamaConfig& c, Initialiser init) : config(c) {
    config.validate();
    const double residual = 0.02 / std::sqrt(2.0 * static_cast<double>(c.layers));
    const Index HS = c.size_of_head();
    const RotaryTable table = rotary_table(c.context, HS, c.rotary_base, c.rotary_stretch);
    const AttentionOptions how{
        .heads = c.heads,
        .kv_heads = c.kv_heads,
        .mask = c.window > 0 ? AttentionMask::window(c.window) : AttentionMask::causal()};
    const auto eps = static_cast<Real>(c.norm_eps);
    token = Embedding(c.vocabulary, c.width, init);
    for (Index i = 0; i < c.layers; ++i)
        blocks.push_back({RmsNorm(c.width, eps),
                          RotaryAttention(c.width, HS, how, table, c.rotary_pairs, init, c.qkv_bias,
                                          c.projection_bias, residual),
                          RmsNorm(c.width, eps),
                          SwiGlu(c.width, c.hidden, init, Bias::no, 0.02, residual)});
    norm = RmsNorm(c.width, eps);
    if (c.tied == Tied::no) output = Embedding(c.vocabulary, c.width, init);
}

Variable Llama::embed(const Tokens& ids, Index first) const {
    require(ids.shape.rank() == 2, "llama: token ids must be (B, T), got {}", ids.shape);
    const Index T = ids.shape[1];
    require(T >= 1 && first + T <= config.context,
            "llama: {} positions, must be 1 to the context of {}", first + T, config.context);
    return token(ids);
}

Variable Llama::logits(const Variable& x) const {
    return (config.tied == Tied::yes ? token : output).logits(norm(x));
}

Variable Llama::operator()(const Tokens& ids) const {
    Variable x = embed(ids);  // (B, T, C)
    for (const auto& block : blocks) x = TrainMode::recomputes() ? recomputed(block, x) : block(x);
    return logits(x);
}

}  // namespace gradus
