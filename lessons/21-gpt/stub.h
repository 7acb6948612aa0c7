// SPDX-License-Identifier: MIT
// Lesson 21: the GPT. The text is lessons/21-gpt/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 21
#pragma once

#include "lessons/21-gpt/given.h"

namespace mine {

// Each place on its own: up to 4 C numbers, GELU, down to C again.   (B, T, C) -> (B, T, C)
struct Mlp {
    Layer up;    // (C, 4 C), made first
    Layer down;  // (4 C, C)

    Mlp(Index C, Initialiser& init) : up(C, 4 * C, init), down(4 * C, C, init) {}

    Variable operator()(const Variable& x) const {
        unfinished("Mlp's operator()");  // TODO
    }
    // Calls visit(name, member) for "up", then "down".
    void parameters(auto&& visit) {
        unfinished("Mlp's parameters");  // TODO
    }
};

// Queries, keys and values in one layer, causal attention of NH heads, and a last layer, the
// projection.   (B, T, C) -> (B, T, C)
struct Attention {
    Layer qkv;         // (C, 3 C), made first
    Layer projection;  // (C, C)
    Index NH;          // heads

    Attention(Index C, Index heads, Initialiser& init)
        : qkv(C, 3 * C, init), projection(C, C, init), NH(heads) {}

    Variable operator()(const Variable& x) const {
        unfinished("Attention's operator()");  // TODO: causal_attention(..., NH) between the two
    }
    // "qkv", then "projection".
    void parameters(auto&& visit) {
        unfinished("Attention's parameters");  // TODO
    }
};

// Layer normalisation with its two parameters.   (..., C) -> (..., C)
struct Norm {
    Variable weight;  // (C), the gain: ones at first
    Variable bias;    // (C): zeros at first

    explicit Norm(Index C)
        : weight(Initialiser::constant({C}, 1)), bias(Initialiser::constant({C}, 0)) {}

    Variable operator()(const Variable& x) const {
        unfinished("Norm's operator()");  // TODO: layer_norm(x, gain, bias)
    }
    // "weight", then "bias".
    void parameters(auto&& visit) {
        unfinished("Norm's parameters");  // TODO
    }
};

// Attention, then the Mlp: each reads x through a norm of its own and adds its result to x.
// (B, T, C) -> (B, T, C)
struct Block {
    Norm norm1;
    Attention attention;
    Norm norm2;
    Mlp mlp;

    Block(Index C, Index NH, Initialiser& init)
        : norm1(C), attention(C, NH, init), norm2(C), mlp(C, init) {}

    Variable operator()(Variable x) const {
        unfinished("Block's operator()");  // TODO
    }
    // "norm1", "attention", "norm2", "mlp".
    void parameters(auto&& visit) {
        unfinished("Block's parameters");  // TODO
    }
};

// Tokens (B, T) -> scores of the next token at each place (B, T, V).
struct Gpt {
    Variable token;             // (V, C): the embedding, and the output layer
    Variable position;          // (P, C)
    std::vector<Block> blocks;  // sizes.layers of them, each with numbers of its own
    Norm norm;                  // before the scores

    // token and position are parameters with the deviation 0.02: init.normal({rows, columns}, 0.02).
    // The blocks are made with sizes.C, sizes.NH and init.
    Gpt(const Sizes& sizes, Initialiser& init) : norm(sizes.C) {
        unfinished(
            "Gpt's constructor");  // TODO: give token, position and blocks their first values
    }

    // embedding(token, ids), add_positions, the blocks, the norm, scores_of.
    Variable operator()(const Tokens& ids) const {
        unfinished("Gpt's operator()");  // TODO
    }
    // "token.weight", "position.weight", "block.0", "block.1", ..., "norm".
    void parameters(auto&& visit) {
        unfinished("Gpt's parameters");  // TODO
    }
};

// GPT-2's first weights. Every parameter with two axes is drawn anew, in the order of the list, by
// init.normal(its shape, s): s = 0.02, but 0.02 / sqrt(2 layers) for those whose results are added to
// x, whose names end with "projection.weight" or "down.weight". All others stay as they are, and
// nothing is drawn for them.
inline void first_weights(const std::vector<NamedParameter>& parameters, Index layers,
                          Initialiser& init) {
    unfinished("first_weights");  // TODO
}

// How many numbers a GPT of these sizes has, without making it.
inline Index count_parameters(const Sizes& sizes) {
    unfinished("count_parameters");  // TODO
}

// Written already: how the check makes your structs.
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
