// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void token_weights(double* weights, const Real* logits, Index size, Real temperature, Index top_k,
                   Real top_p) {
    const auto V = static_cast<std::size_t>(size);
    const std::size_t best =
        static_cast<std::size_t>(std::max_element(logits, logits + V) - logits);
    if (temperature == 0) {
        std::fill_n(weights, V, 0.0);
        weights[best] = 1;
        return;
    }
    // The largest exponent is 0: nothing overflows, however small the temperature.
    for (std::size_t i = 0; i < V; ++i)
        weights[i] = std::exp((double{logits[i]} - double{logits[best]}) / double{temperature});

    // top_k and top_p rank tokens by logit, not by weight: at a low temperature different logits
    // may have the same weight, 0.
    const std::size_t k = top_k == 0 ? V : std::min(V, static_cast<std::size_t>(top_k));
    if (k == V && top_p == 1) return;
    std::vector<std::size_t> order(V);
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto more_likely = [&](std::size_t a, std::size_t b) {
        return logits[a] != logits[b] ? logits[a] > logits[b] : a < b;
    };
    // Sorted only as far as needed: out of 50,257 tokens the nucleus is often a few dozen.
    std::size_t sorted = 0;
    const auto sort_up_to = [&](std::size_t end) {
        const auto at = [&](std::size_t i) {
            return order.begin() + static_cast<std::ptrdiff_t>(i);
        };
        std::partial_sort(at(sorted), at(end), order.end(), more_likely);
        sorted = end;
    };
    double total = 0;
    if (k < V) {
        sort_up_to(k);
        for (std::size_t rank = 0; rank < k; ++rank) total += weights[order[rank]];
    } else {
        total = std::accumulate(weights, weights + V, 0.0);
    }

    // The nucleus ends with the token that brings the sum to top_p, inclusive.
    std::size_t kept = top_p < 1 ? 0 : k;
    for (double sum = 0; kept == 0 || (kept < k && sum < double{top_p} * total); ++kept) {
        if (kept == sorted) sort_up_to(std::min(V, std::max(2 * sorted, std::size_t{32})));
        sum += weights[order[kept]];
    }
    for (std::size_t rank = kept; rank < V; ++rank) weights[order[rank]] = 0;
}

}  // namespace naive
}  // namespace GRADUS_PRECISION
}  // namespace gradus
