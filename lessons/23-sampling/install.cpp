// SPDX-License-Identifier: MIT
// The library's sampler wants weights in double, up to a common factor. It ranks tokens by their
// scores, the learner's functions rank them by their probabilities; these may be equal, by rounding,
// where the scores are not. So the scores are handed over by rank: among equals the first are kept.
#include "lessons/23-sampling/install.h"

#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_23 {

void token_weights(double* weights, const Real* scores, Index V, Real temperature, Index top_k,
                   Real top_p) {
    const std::vector<Index> order = ranking(scores, V);
    std::vector<Real> sorted(order.size()), p(order.size());
    for (std::size_t rank = 0; rank < order.size(); ++rank) sorted[rank] = scores[order[rank]];
    part().token_probabilities(p.data(), sorted.data(), V, {temperature, top_k, top_p});
    for (std::size_t rank = 0; rank < order.size(); ++rank) weights[order[rank]] = double{p[rank]};
}

namespace {

const lessons::Install installed(GRADUS_LESSON_NAME, [] { ops().token_weights = token_weights; });

}  // namespace
}  // namespace gradus::lesson_23
