// SPDX-License-Identifier: MIT
// Lesson 12: a neural network by hand.
#pragma once

#include "lessons/12-digits/given.h"

namespace mine {

inline Variable forward(const Reader& reader, const Variable& x) {
    return reader.scores(tanh(reader.hidden(x)));
}

inline std::vector<int> predict(const Tensor& scores) {
    const Index n = scores.size(0), D = scores.size(1);
    std::vector<int> read;
    for (Index i = 0; i < n; ++i) {
        int best = 0;
        for (int j = 1; j < D; ++j)
            if (scores[i * D + j] > scores[i * D + best]) best = j;
        read.push_back(best);
    }
    return read;
}

inline double accuracy(const std::vector<int>& read, const std::vector<int>& digits) {
    double right = 0;
    for (std::size_t i = 0; i < read.size(); ++i) right += read[i] == digits[i];
    return right / read.size();
}

inline LabelledImages pick(const LabelledImages& data, const std::vector<Index>& which) {
    const Index n = std::ssize(which), P = data.images.size(1);
    const Tensor images({n, P});
    std::vector<int> labels;
    for (Index i = 0; i < n; ++i) {
        std::copy_n(data.images.data() + which[i] * P, P, images.data() + i * P);
        labels.push_back(data.labels.id[which[i]]);
    }
    return {images, Tokens({n}, labels)};
}

inline void train(Reader& reader, const LabelledImages& data, Index epochs, Index B, Real lr,
                  Random& random) {
    AdamW optimiser(named_parameters(reader));
    const Index N = data.images.size(0);
    std::vector<Index> order(N);
    std::iota(order.begin(), order.end(), 0);
    for (Index epoch = 0; epoch < epochs; ++epoch) {
        random.shuffle(order);
        for (Index from = 0; from < N; from += B) {
            const Index to = std::min(from + B, N);
            const auto some = pick(data, {order.begin() + from, order.begin() + to});
            optimiser.zero_grad();
            cross_entropy(forward(reader, some.images), some.labels).backward();
            optimiser.step(lr);
        }
    }
}

}  // namespace mine
