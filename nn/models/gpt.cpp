// SPDX-License-Identifier: MIT
#include "nn/models/gpt.h"

#include <cmath>

#include "nn/layers/recompute.h"
#include "nn/stored_weights.h"

namespace gradus {

void GptConfig::validate() const {
    require(layers >= 1 && layers <= 1000, "gpt: {} layers, must be 1 to 1000", layers);
    require(heads >= 1, "gpt: {} heads, must be at least 1", heads);
    require(width >= 1 && width <= 65536, "gpt: width {}, must be 1 to 65536", width);
    require(width % heads == 0,
            "gpt: heads must divide the width: {} / {} leaves {} (a width of {} would do)", width,
            heads, width % heads, (width / heads + 1) * heads);
    require(context >= 1 && context <= 1 << 24, "gpt: context {}, must be 1 to {}", context,
            1 << 24);
    require(vocabulary >= 1 && vocabulary <= 1 << 24, "gpt: vocabulary {}, must be 1 to {}",
            vocabulary, 1 << 24);
    require(dropout >= 0 && dropout < 1, "gpt: dropout {}, must be in [0, 1)", dropout);
}

Index GptConfig::parameter_count() const {
    const Index C = width, b = bias == Bias::yes;
    // A block: qkv 3CC, projection CC, up 4CC, down 4CC; biases 3C + C + 4C + C; two norms of
    // C (+ C).
    const Index block = 12 * C * C + b * 9 * C + 2 * (1 + b) * C;
    return (vocabulary + context) * C + layers * block + (1 + b) * C;
}

double GptConfig::flops_per_token() const {
    const double weights = static_cast<double>(parameter_count() - context * width);
    return 6 * weights + 12 * static_cast<double>(layers * width * context);
}

GptConfig GptConfig::gpt2(std::string_view size) {
    GptConfig c{.layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 50257};
    if (size == "350M") c.layers = 24, c.heads = 16, c.width = 1024;
    if (size == "774M") c.layers = 36, c.heads = 20, c.width = 1280;
    if (size == "1558M") c.layers = 48, c.heads = 25, c.width = 1600;
    require(size == "124M" || c.layers != 12,
            "gpt2: no size \"{}\"; there are 124M, 350M, 774M and 1558M", size);
    return c;
}

Gpt::Gpt(const GptConfig& c, Initialiser init) : config(c) {
    config.validate();
    const double residual = 0.02 / std::sqrt(2.0 * static_cast<double>(c.layers));
    token = Embedding(c.vocabulary, c.width, init);
    position = Embedding(c.context, c.width, init);
    for (Index i = 0; i < c.layers; ++i) {
        blocks.push_back({LayerNorm(c.width, c.bias),
                          CausalSelfAttention(c.width, c.heads, init, c.bias, residual, c.dropout),
                          LayerNorm(c.width, c.bias),
                          Mlp(c.width, init, c.bias, residual, c.dropout)});
    }
    norm = LayerNorm(c.width, c.bias);
}

Variable Gpt::embed(const Tokens& ids, Index first) const {
    require(ids.shape.rank() == 2, "gpt: token ids must be (B, T), got {}", ids.shape);
    const Index B = ids.shape[0], T = ids.shape[1];
    require(T >= 1 && first + T <= config.context,
            "gpt: {} positions, must be 1 to the context of {}", first + T, config.context);
    Tokens where(ids.shape, std::vector<int>(ids.id.size()));
    for (Index i = 0; i < B * T; ++i)
        where.id[static_cast<std::size_t>(i)] = static_cast<int>(first + i % T);
    return token(ids) + position(where);
}

Variable Gpt::operator()(const Tokens& ids) const {
    Variable x = Dropout{config.dropout}(embed(ids));  // (B, T, C)
    for (const auto& block : blocks) x = TrainMode::recomputes() ? recomputed(block, x) : block(x);
    return logits(x);  // (B, T, C) (V, C)^T -> (B, T, V)
}

void Gpt::quantise() {
    token.store(WeightFormat::int8);
    for (auto& block : blocks) store_weights(block, WeightFormat::int8);
}

}  // namespace gradus
