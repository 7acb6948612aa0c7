// SPDX-License-Identifier: MIT
#include "nn/generate/sampler.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "tensor/error.h"
#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

namespace {

// Throws unless each logit is a number or -infinity, and at least one is a number.
void require_possible(const Real* logits, std::size_t V) {
    constexpr Real infinity = std::numeric_limits<Real>::infinity();
    bool possible = false;
    for (std::size_t i = 0; i < V; ++i) {
        if (std::isnan(logits[i]) || logits[i] == infinity)
            throw NotFiniteError(fmt::format("sampler: logit {} of {} is {}", i, V, logits[i]));
        possible = possible || logits[i] != -infinity;
    }
    if (!possible)
        throw NotFiniteError(
            fmt::format("sampler: all {} logits are -inf, no token is possible", V));
}

// Probabilities up to a common factor; 0 for tokens that are ruled out.
std::vector<double> token_weights(const Real* logits, Index V, const SamplerOptions& options) {
    require_valid(options);
    require(V > 0 && V <= std::numeric_limits<int>::max(), "sampler: {} logits", V);
    require_possible(logits, static_cast<std::size_t>(V));
    std::vector<double> weights(static_cast<std::size_t>(V));
    ops().token_weights(weights.data(), logits, V, options.temperature, options.top_k,
                        options.top_p);
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
