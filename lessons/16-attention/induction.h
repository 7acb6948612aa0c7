// SPDX-License-Identifier: MIT
// An induction head built by hand: two layers of attention, without any training, which complete a
// sequence that they have seen once (Elhage et al. 2021, Olsson et al. 2022). All of its attention
// is the learner's. There is no mask: layer 2 is shown the first half only, the half that is past
// for each place of the second.
#pragma once

#include <numeric>

#include "lessons/check/part.h"

namespace gradus::lesson_16 {

constexpr Real kSure = 60;  // the score of a match; 0 for all others

// What a query is multiplied by for this, as scores are divided by the root of the head size.
inline Real sure(Index HS, Real score = kSure) {
    return score * std::sqrt(static_cast<Real>(HS));
}

struct Completion {
    Tensor previous;  // (T, V): what layer 1 fetched for each place, the letter before it
    Tensor p;     // (N - 1, N): the weights of layer 2, where the second half looks in the first
    Tensor next;  // (N - 1, V): the prediction after each place of the second half but the last
};

// Row i = letter[i] as a 1 among V zeros.
inline Tensor one_hot(const std::vector<int>& letter, Index V) {
    const Tensor x({std::ssize(letter), V});
    for (Index i = 0; i < x.size(0); ++i) x[i * V + letter[i]] = 1;
    return x;
}

// The columns of a, then those of b.
inline Tensor beside(const Tensor& a, const Tensor& b) {
    const Index T = a.size(0), A = a.size(1), B = b.size(1);
    const Tensor x({T, A + B});
    for (Index i = 0; i < T; ++i) {
        std::copy_n(&a[i * A], A, &x[i * (A + B)]);
        std::copy_n(&b[i * B], B, &x[i * (A + B) + A]);
    }
    return x;
}

// A matrix (rows, n) which copies the n numbers from number `from` on, times a factor.
inline Tensor taking(Index rows, Index from, Index n, Real factor = 1) {
    const Tensor w({rows, n});
    for (Index i = 0; i < n; ++i) w[(from + i) * n + i] = factor;
    return w;
}

// For queries that ask for the place before: number V + i, the place i, becomes a number at i - 1.
// Place 0 asks for nothing.
inline Tensor one_back(Index V, Index T, Real score = kSure) {
    const Tensor w({V + T, T});
    for (Index i = 1; i < T; ++i) w[(V + i) * T + i - 1] = sure(T, score);
    return w;
}

inline std::vector<int> places(Index T) {
    std::vector<int> list(static_cast<std::size_t>(T));
    std::iota(list.begin(), list.end(), 0);
    return list;
}

// `first` and `second` have N letters each, numbers below V.
inline Completion complete(const std::vector<int>& first, const std::vector<int>& second, Index V,
                           bool with_layer_1 = true, Real score = kSure) {
    std::vector<int> letters = first;
    letters.insert(letters.end(), second.begin(), second.end());
    const Index T = std::ssize(letters), N = T / 2;

    // Layer 1: place i asks for place i - 1, and takes its letter.
    const Tensor letter = one_hot(letters, V), x1 = beside(letter, one_hot(places(T), T));
    Completion done{Tensor({T, V}), {}, Tensor({N - 1, V})};
    if (with_layer_1)
        done.previous =
            part().head(x1, one_back(V, T, score), taking(V + T, V, T), taking(V + T, 0, V));

    // Layer 2: a place asks for the one whose previous letter is its own, and takes its letter.
    const Tensor x2 = beside(letter, done.previous);
    const Tensor asking = x2.slice(N, T - 1), told = x2.slice(0, N);
    const Tensor q = matmul_forward(asking, taking(2 * V, 0, V, sure(V, score))),
                 k = matmul_forward(told, taking(2 * V, V, V)),
                 v = matmul_forward(told, taking(2 * V, 0, V));
    done.p = Tensor({q.size(0), k.size(0)});
    part().attention(done.next.data(), done.p.data(), q.data(), k.data(), v.data(), q.size(0),
                     k.size(0), V, V);
    return done;
}

}  // namespace gradus::lesson_16
