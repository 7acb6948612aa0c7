// SPDX-License-Identifier: MIT
// The library's attention has many sequences and heads, which lie between one another, and a query
// that sees only some of the keys. The learner's has one head and sees all. Here it is called for
// each query, with the keys that this query sees, which lie side by side. With a bias or dropout,
// which the learner's has not, the library's own loops do the work.
#include <algorithm>
#include <cmath>
#include <limits>

#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_16 {
namespace {

// Vectors first ... last - 1 of a head, one after the other.
std::vector<Real> gathered(const Real* x, const HeadStrides& strides, Index b, Index head,
                           Index first, Index last, Index size) {
    std::vector<Real> all(static_cast<std::size_t>((last - first) * size));
    const Real* from = x + b * strides.batch + head * strides.head;
    for (Index t = first; t < last; ++t)
        std::copy_n(from + t * strides.position, size, &all[(t - first) * size]);
    return all;
}

void attention_forward(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                       const Real* bias, const AttentionShape& a) {
    if (bias || a.dropout > 0) return naive::attention_forward(y, lse, q, k, v, bias, a);
    const Real root = std::sqrt(static_cast<Real>(a.key_size));  // by which the learner divides
    for (Index row = 0; row < a.B * a.heads; ++row) {
        const Index b = row / a.heads, h = row % a.heads, kv = h / (a.heads / a.kv_heads);
        const Index keys = a.keys ? a.keys[b] : a.Tk, queries = a.queries ? a.queries[b] : a.Tq;
        const auto all_k = gathered(k, a.k, b, kv, 0, keys, a.key_size),
                   all_v = gathered(v, a.v, b, kv, 0, keys, a.value_size);
        for (Index t = 0; t < a.Tq; ++t) {
            const Index place = t + (a.offset ? a.offset[b] : a.Tk - a.Tq);
            const Index first = std::max<Index>(0, place - a.before),
                        seen = std::min(keys, place + a.after + 1) - first;
            Real* to = y + ((b * a.Tq + t) * a.heads + h) * a.value_size;
            Real& denominator = lse[row * a.Tq + t];
            if (t >= queries || seen <= 0) {
                std::fill_n(to, a.value_size, Real(0));
                denominator = -std::numeric_limits<Real>::infinity();
                continue;
            }
            auto query = gathered(q, a.q, b, h, t, t + 1, a.key_size);
            for (auto& number : query) number *= a.scale * root;
            std::vector<Real> s(static_cast<std::size_t>(seen)), p(s.size());
            const Real* key = all_k.data() + first * a.key_size;
            part().attention_scores(s.data(), query.data(), key, 1, seen, a.key_size);
            part().attention(to, p.data(), query.data(), key, all_v.data() + first * a.value_size,
                             1, seen, a.key_size, a.value_size);
            const Real largest = *std::max_element(s.begin(), s.end());
            Real sum = 0;
            for (const Real score : s) sum += std::exp(score - largest);
            denominator = largest + std::log(sum);
        }
    }
}

const lessons::Install installed(GRADUS_LESSON_NAME,
                                 [] { ops().attention_forward = attention_forward; });

}  // namespace
}  // namespace gradus::lesson_16
