// SPDX-License-Identifier: MIT
// Lesson 21: the GPT.
#pragma once

#include "lessons/21-gpt/given.h"

namespace mine {

struct Mlp {
    Layer up;
    Layer down;

    Mlp(Index C, Initialiser& init) : up(C, 4 * C, init), down(4 * C, C, init) {}

    Variable operator()(const Variable& x) const { return down(gelu(up(x))); }
    void parameters(auto&& visit) {
        visit("up", up);
        visit("down", down);
    }
};

struct Attention {
    Layer qkv;
    Layer projection;
    Index NH;

    Attention(Index C, Index heads, Initialiser& init)
        : qkv(C, 3 * C, init), projection(C, C, init), NH(heads) {}

    Variable operator()(const Variable& x) const {
        return projection(causal_attention(qkv(x), NH));
    }
    void parameters(auto&& visit) {
        visit("qkv", qkv);
        visit("projection", projection);
    }
};

struct Norm {
    Variable weight;
    Variable bias;

    explicit Norm(Index C)
        : weight(Initialiser::constant({C}, 1)), bias(Initialiser::constant({C}, 0)) {}

    Variable operator()(const Variable& x) const { return layer_norm(x, weight, bias); }
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }
};

struct Block {
    Norm norm1;
    Attention attention;
    Norm norm2;
    Mlp mlp;

    Block(Index C, Index NH, Initialiser& init)
        : norm1(C), attention(C, NH, init), norm2(C), mlp(C, init) {}

    Variable operator()(Variable x) const {
        x = x + attention(norm1(x));
        return x + mlp(norm2(x));
    }
    void parameters(auto&& visit) {
        visit("norm1", norm1);
        visit("attention", attention);
        visit("norm2", norm2);
        visit("mlp", mlp);
    }
};

struct Gpt {
    Variable token;
    Variable position;
    std::vector<Block> blocks;
    Norm norm;

    Gpt(const Sizes& sizes, Initialiser& init) : norm(sizes.C) {
        token = init.normal({sizes.V, sizes.C}, 0.02);
        position = init.normal({sizes.P, sizes.C}, 0.02);
        for (Index i = 0; i < sizes.layers; ++i) blocks.emplace_back(sizes.C, sizes.NH, init);
    }

    Variable operator()(const Tokens& ids) const {
        Variable x = add_positions(embedding(token, ids), position);
        for (const auto& block : blocks) x = block(x);
        return scores_of(norm(x), token);
    }
    void parameters(auto&& visit) {
        visit("token.weight", token);
        visit("position.weight", position);
        for (std::size_t i = 0; i < blocks.size(); ++i)
            visit("block." + std::to_string(i), blocks[i]);
        visit("norm", norm);
    }
};

inline void first_weights(const std::vector<NamedParameter>& parameters, Index layers,
                          Initialiser& init) {
    const double residual = 0.02 / std::sqrt(2.0 * static_cast<double>(layers));
    for (const auto& [name, variable] : parameters) {
        if (variable.shape().rank() != 2) continue;
        const bool adds = name.ends_with("projection.weight") || name.ends_with("down.weight");
        variable.value().copy_from(init.normal(variable.shape(), adds ? residual : 0.02).value());
    }
}

inline Index count_parameters(const Sizes& sizes) {
    const Index C = sizes.C;
    const Index attention = C * 3 * C + 3 * C + C * C + C;
    const Index mlp = C * 4 * C + 4 * C + 4 * C * C + C;
    const Index block = 2 * C + attention + 2 * C + mlp;
    return sizes.V * C + sizes.P * C + sizes.layers * block + 2 * C;
}

inline AnyModule make_mlp(Index C, Initialiser& init) {
    return kept_module(Mlp(C, init));
}
inline AnyModule make_attention(Index C, Index NH, Initialiser& init) {
    return kept_module(Attention(C, NH, init));
}
inline AnyModule make_block(Index C, Index NH, Initialiser& init) {
    return kept_module(Block(C, NH, init));
}
inline AnyGpt make_gpt(const Sizes& sizes, Initialiser& init) {
    return kept_gpt(Gpt(sizes, init));
}

}  // namespace mine
