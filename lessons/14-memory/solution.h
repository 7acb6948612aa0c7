// SPDX-License-Identifier: MIT
// Lesson 14: memory.
#pragma once

#include "lessons/14-memory/given.h"

namespace mine {

inline Variable rnn_step(const Weights& w, const Variable& x, const Variable& h) {
    return tanh(matmul(x, w.from_x) + matmul(h, w.from_h) + w.bias);
}

inline State lstm_step(const Weights& w, const Variable& x, const State& before) {
    const Index H = before.h.size(1);
    const Variable z = matmul(x, w.from_x) + matmul(before.h, w.from_h) + w.bias;
    const auto columns = [&](Index begin) { return slice(z, 1, begin, begin + H); };
    const Variable i = sigmoid(columns(0));
    const Variable f = sigmoid(columns(H));
    const Variable g = tanh(columns(2 * H));
    const Variable o = sigmoid(columns(3 * H));
    const Variable c = f * before.c + i * g;
    return {o * tanh(c), c};
}

inline Variable first_bias(Index H, Index T) {
    Tensor bias({4 * H});
    for (Index j = 0; j < H; ++j) {
        bias[j] = -std::log(T - 1);
        bias[H + j] = std::log(T - 1);
    }
    return parameter(bias);
}

inline Variable run(const Cell& cell, const Variable& x, State& state) {
    const Index B = x.size(0), T = x.size(1), C = x.size(2);
    std::vector<Variable> outputs;
    for (Index t = 0; t < T; ++t) {
        const Variable now = reshape(slice(x, 1, t, t + 1), {B, C});
        state = cell(now, state);
        outputs.push_back(reshape(state.h, {B, 1, state.h.size(1)}));
    }
    return concat(outputs, 1);
}

inline State cut(const State& state) {
    return {Variable(state.h.value()), Variable(state.c.value())};
}

}  // namespace mine
