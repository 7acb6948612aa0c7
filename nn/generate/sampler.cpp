// SPDX-License-Identifier: MIT
#include "nn/generate/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

namespace {

// Index of the largest logit, the first in a tie. Also checks that the logits are valid.
std::size_t most_likely(const Real* logits, std::size_t V) {
    constexpr Real infinity = std::numeric_limits<Real>::infinity();
    std::size_t best = 0;
    for (std::size_t i = 0; i < V; ++i) {
        if (std::isnan(logits[i]) || logits[i] == infinity)
            throw NotFiniteError(fmt::format("sampler: logit {} of {} is {}", i, V, logits[i]));
        if (logits[i] > logits[best]) best = i;
    }
    if (logits[best] == -infinity)
        throw NotFiniteError(
            fmt::format("sampler: all {} logits are -inf, no token is possible", V));
    return best;
}

// Probabilities up to a common factor, in double; 0 for tokens that are ruled out.
std::vector<double> token_weights(const Real* logits, Index size, const SamplerOptions& options) {
    require_valid(options);
    require(size > 0 && size <= std::numeric_limits<int>::max(), "sampler: {} logits", size);
    const auto V = static_cast<std::size_t>(size);
    const std::size_t best = most_likely(logits, V);

    std::vector<double> weights(V, 0.0);
    if (options.temperature == 0) {
        weights[best] = 1;
        return weights;
    }
    // The largest exponent is 0: nothing overflows, however small the temperature.
    for (std::size_t i = 0; i < V; ++i)
        weights[i] =
            std::exp((double{logits[i]} - double{logits[best]}) / double{options.temperature});

    // top_k and top_p rank tokens by logit, not by weight: at a low temperature different logits
    // may have the same weight, 0.
    const std::size_t k =
        options.top_k == 0 ? V : std::min(V, static_cast<std::size_t>(options.top_k));
    if (k == V && options.top_p == 1) return weights;
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
        total = std::accumulate(weights.begin(), weights.end(), 0.0);
    }

    // The nucleus ends with the token that brings the sum to top_p, inclusive.
    std::size_t kept = options.top_p < 1 ? 0 : k;
    for (double sum = 0; kept == 0 || (kept < k && sum < double{options.top_p} * total); ++kept) {
        if (kept == sorted) sort_up_to(std::min(V, std::max(2 * sorted, std::size_t{32})));
        sum += weights[order[kept]];
    }
    for (std::size_t rank = kept; rank < V; ++rank) weights[order[rank]] = 0;
    return weights;
}

}  // namespace

void require_valid(const SamplerOptions& options) {
    require(options.temperature >= 0 && std::isfinite(options.temperature),
            "sampler: temperature {} is not a finite number >= 0 (0 always takes the most likely "
            "token)",
            options.temperature);
    require(options.top_k >= 0, "sampler: top_k {} is negative (0 keeps all tokens)",
            options.top_k);
    require(options.top_p >= 0 && options.top_p <= 1,
            "sampler: top_p {} is not a probability between 0 and 1 (1 keeps all tokens)",
            options.top_p);
}

std::vector<Real> token_probabilities(const Real* logits, Index V, const SamplerOptions& options) {
    const std::vector<double> weights = token_weights(logits, V, options);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    std::vector<Real> result;
    result.reserve(weights.size());
    for (const double w : weights) result.push_back(static_cast<Real>(w / total));
    return result;
}

int sample_token(const Real* logits, Index V, const SamplerOptions& options, Random& random) {
    const std::vector<double> weights = token_weights(logits, V, options);
    const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
    // The first token at which the running sum exceeds a uniform point in [0, total). The running
    // sum adds the same numbers in the same order as `total`, so it ends at exactly `total`.
    const double point = options.temperature == 0 ? 0 : random.uniform() * total;
    double sum = 0;
    std::size_t last = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
        if (weights[i] == 0) continue;
        sum += weights[i];
        last = i;
        if (point < sum) break;
    }
    return static_cast<int>(last);
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
