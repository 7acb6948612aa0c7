// SPDX-License-Identifier: MIT
// The GPT of the text: so small that it can be followed by hand.
#pragma once

#include "lessons/24-cache/given.h"

namespace gradus::lesson_24 {

// Three tokens, two numbers per place, one block with one head. Its queries are zero, so that a place
// takes the same from all; a key is what norm1 gives, a value four times that; the Mlp adds nothing.
inline lessons::GptWeights toy() {
    const Tensor ones = Tensor::full({2}, 1), zeros({2}),
                 identity = Tensor::matrix({{1, 0}, {0, 1}});
    const Tensor token = Tensor::matrix({{1, 0}, {0, 1}, {1, 1}}),
                 position = Tensor::matrix({{0, 2}, {0, 3}, {1, 0}, {5, 0}, {0, 7}, {8, 0}});
    const Tensor qkv = Tensor::matrix({{0, 0, 1, 0, 4, 0}, {0, 0, 0, 1, 0, 4}});
    const lessons::BlockWeights block{ones,           zeros, qkv,   Tensor({6}),    identity,
                                      zeros,          ones,  zeros, Tensor({2, 8}), Tensor({8}),
                                      Tensor({8, 2}), zeros};
    return {token, position, {block}, ones, zeros, 1};
}

}  // namespace gradus::lesson_24
