// SPDX-License-Identifier: MIT
// Lesson 23: talk to it.
#pragma once

#include "lessons/23-sampling/given.h"

namespace mine {

inline void soften(Real* p, const Real* scores, Index V, Real temperature) {
    const Index best = std::max_element(scores, scores + V) - scores;
    Real sum = 0;
    for (Index i = 0; i < V; ++i) {
        p[i] = temperature > 0 ? std::exp((scores[i] - scores[best]) / temperature)
                               : static_cast<Real>(i == best);
        sum += p[i];
    }
    for (Index i = 0; i < V; ++i) p[i] /= sum;
}

// Keeps the first `count` tokens of `order`, sets the others to 0, and divides by what is left.
inline void keep(Real* p, const std::vector<Index>& order, Index count) {
    const Index V = std::ssize(order);
    Real sum = 0;
    for (Index rank = 0; rank < count; ++rank) sum += p[order[rank]];
    for (Index rank = 0; rank < V; ++rank) p[order[rank]] = rank < count ? p[order[rank]] / sum : 0;
}

inline void top_k(Real* p, Index V, Index k) {
    if (k > 0 && k < V) keep(p, ranking(p, V), k);
}

inline void top_p(Real* p, Index V, Real mass) {
    if (mass >= 1) return;
    const std::vector<Index> order = ranking(p, V);
    Index count = 1;
    Real sum = p[order[0]];
    while (count < V && sum < mass) sum += p[order[count++]];
    keep(p, order, count);
}

inline void token_probabilities(Real* p, const Real* scores, Index V, const Settings& settings) {
    soften(p, scores, V, settings.temperature);
    top_k(p, V, settings.top_k);
    top_p(p, V, settings.top_p);
}

inline std::vector<int> write(const Next& next, std::vector<int> ids, Index n, int end,
                              const Settings& settings, const Uniform& uniform) {
    std::vector<int> fresh;
    while (std::ssize(fresh) < n) {
        const std::vector<Real> scores = next(ids);
        const Index V = std::ssize(scores);
        std::vector<Real> p(V);
        token_probabilities(p.data(), scores.data(), V, settings);
        const int id = static_cast<int>(sample_row(p.data(), V, uniform()));
        ids.push_back(id);
        fresh.push_back(id);
        if (id == end) break;
    }
    return fresh;
}

}  // namespace mine
