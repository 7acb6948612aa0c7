// SPDX-License-Identifier: MIT
// Lesson 13: a neural language model.
#pragma once

#include "lessons/13-embedding/given.h"

namespace mine {

inline void embedding_forward(Real* y, const Real* table, const int* id, Index n, Index C) {
    for (Index i = 0; i < n; ++i)
        for (Index c = 0; c < C; ++c) y[i * C + c] = table[id[i] * C + c];
}

inline void embedding_backward(Real* dtable, const Real* dy, const int* id, Index n, Index C,
                               Index V) {
    for (Index i = 0; i < n; ++i)
        for (Index c = 0; c < C; ++c) dtable[id[i] * C + c] += dy[i * C + c];
}

inline Variable embedding(const Variable& table, const Tokens& ids) {
    const Index n = ids.count(), V = table.size(0), C = table.size(1);
    Tensor y({ids.shape[0], ids.shape[1], C});
    embedding_forward(y.data(), table.value().data(), ids.id.data(), n, C);
    return record("embedding", y, {table}, [table, ids, n, C, V](const Tensor& dy) {
        embedding_backward(table.grad().data(), dy.data(), ids.id.data(), n, C, V);
    });
}

inline Examples batch(const std::vector<int>& text, const std::vector<Index>& starts, Index T) {
    const auto B = static_cast<Index>(starts.size());
    std::vector<int> inputs(B * T), targets(B * T);
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < T; ++t) {
            inputs[b * T + t] = text[starts[b] + t];
            targets[b * T + t] = text[starts[b] + t + 1];
        }
    return {Tokens({B, T}, inputs), Tokens({B, T}, targets)};
}

inline Tokens contexts(const Tokens& ids, Index K) {
    const Index B = ids.shape[0], T = ids.shape[1];
    std::vector<int> list(B * T * K);
    for (Index b = 0; b < B; ++b)
        for (Index t = 0; t < T; ++t)
            for (Index k = 0; k < K; ++k) {
                const Index at = t - K + 1 + k;
                list[(b * T + t) * K + k] = at < 0 ? 0 : ids.id[b * T + at];
            }
    return Tokens({B * T, K}, list);
}

inline Variable forward(const LetterModel& model, const Tokens& ids) {
    const Tokens read = contexts(ids, model.K);
    const Index C = model.table.size(1);
    const Variable x = reshape(embedding(model.table, read), {ids.count(), model.K * C});
    return model.scores(tanh(model.hidden(x)));
}

}  // namespace mine
