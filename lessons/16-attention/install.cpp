// SPDX-License-Identifier: MIT
// The library's attention has many sequences and heads, which lie between one another, and a query
// that sees only some of the keys. The learner's has one head and sees all. Here it is called for
// each query, with the keys that this query sees, which lie side by side. With a bias or dropout,
// which the learner's has not, the library's own loops do the work.
#include <algorithm>
#include <cmath>
#include <limits>

#include "lessons/check/heads.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_16 {
namespace {

using namespace lessons;

void attention_forward(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                       const Real* bias, const AttentionShape& a) {
    if (bias || a.dropout > 0) return naive::attention_forward(y, lse, q, k, v, bias, a);
    const Real root = std::sqrt(static_cast<Real>(a.key_size));  // by which the learner divides
    for (Index row = 0; row < a.B * a.heads; ++row) {
        const Index b = row / a.heads, h = row % a.heads, kv = h / (a.heads / a.kv_heads);
        const Index keys = a.keys ? a.keys[b] : a.Tk, queries = a.queries ? a.queries[b] : a.Tq;
        const auto all_k = rows_of(k + kv * a.k.head, a.k, b, keys, 1, a.key_size),
                   all_v = rows_of(v + kv * a.v.head, a.v, b, keys, 1, a.value_size);
        for (Index t = 0; t < a.Tq; ++t) {
            const Index place = t + (a.offset ? a.offset[b] : a.Tk - a.Tq);
            const Index first = std::max<Index>(0, place - a.before),
                        seen = std::min(keys, place + a.after + 1) - first;
            Real* to = y + ((b * a.Tq + t) * a.heads + h) * a.value_size;
            Real& log_sum = lse[row * a.Tq + t];
            if (t >= queries || seen <= 0) {
                std::fill_n(to, a.value_size, Real(0));
                log_sum = -std::numeric_limits<Real>::infinity();
                continue;
            }
            auto query = rows_of(q + t * a.q.position + h * a.q.head, a.q, b, 1, 1, a.key_size);
            for (auto& number : query) number *= a.scale * root;
            std::vector<Real> p(static_cast<std::size_t>(seen));
            const Real* key = all_k.data() + first * a.key_size;
            part().attention(to, p.data(), query.data(), key, all_v.data() + first * a.value_size,
                             1, seen, a.key_size, a.value_size);
            log_sum = denominator(query.data(), key, p.data(), seen, a.key_size, a.key_size);
        }
    }
}

const Install installed(GRADUS_LESSON_NAME, [] { ops().attention_forward = attention_forward; });

}  // namespace
}  // namespace gradus::lesson_16
