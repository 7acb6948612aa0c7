// SPDX-License-Identifier: MIT
// Causal attention of the library's models and its gradient, a sequence at a time. The library keeps
// one number of each softmax for backward, the learner's gradient wants all weights: they are worked
// out again.
#include <algorithm>

#include "lessons/check/heads.h"
#include "lessons/check/parallel.h"
#include "lessons/check/part.h"
#include "tensor/ops.h"

namespace gradus::lesson_18 {
namespace {

using namespace lessons;

decltype(ops().attention_forward.function()) forward_before = nullptr;
decltype(ops().attention_backward.function()) backward_before = nullptr;

// q, k and v of one sequence, and what all its heads make of them.
struct Sequence {
    Index T, NH, HS;
    std::vector<Real> q, k, v, y, p;

    Sequence(const Real* all_q, const Real* all_k, const Real* all_v, const AttentionShape& a,
             Index b)
        : T(a.Tq),
          NH(a.heads),
          HS(a.key_size),
          q(rows_of(all_q, a.q, b, T, NH, HS)),
          k(rows_of(all_k, a.k, b, T, NH, HS)),
          v(rows_of(all_v, a.v, b, T, NH, HS)),
          y(q.size()),
          p(static_cast<std::size_t>(NH * T * T)) {
        part().multi_head(y.data(), p.data(), q.data(), k.data(), v.data(), T, NH, HS);
    }
    std::vector<Real> split(const Real* rows) const {
        std::vector<Real> heads(q.size());
        part().split_heads(heads.data(), rows, T, NH, HS);
        return heads;
    }
    std::vector<Real> merged(const std::vector<Real>& heads) const {
        std::vector<Real> rows(q.size());
        part().merge_heads(rows.data(), heads.data(), T, NH, HS);
        return rows;
    }
};

void attention_forward(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                       const Real* bias, const AttentionShape& a) {
    if (!plain_causal(a, bias)) return forward_before(y, lse, q, k, v, bias, a);
    const Index T = a.Tq, NH = a.heads, HS = a.key_size, C = NH * HS;
    in_parts(a.B, 1, [&](Index b, Index) {
        const Sequence one(q, k, v, a, b);
        std::copy(one.y.begin(), one.y.end(), y + b * T * C);
        for (Index h = 0; h < NH; ++h)
            for (Index t = 0; t < T; ++t)
                lse[(b * NH + h) * T + t] = denominator(&one.q[t * C + h * HS], &one.k[h * HS],
                                                        &one.p[(h * T + t) * T], T, HS, C);
    });
}

void attention_backward(Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
                        const Real* lse, const Real* q, const Real* k, const Real* v,
                        const Real* bias, const AttentionShape& a) {
    if (!plain_causal(a, bias))
        return backward_before(dq, dk, dv, dbias, dy, y, lse, q, k, v, bias, a);
    in_parts(a.B, 1, [&](Index b, Index) {
        const Sequence one(q, k, v, a, b);
        const Index T = one.T, NH = one.NH, HS = one.HS;
        const auto qs = one.split(one.q.data()), ks = one.split(one.k.data()),
                   vs = one.split(one.v.data()), dys = one.split(dy + b * T * NH * HS);
        std::vector<Real> dqs(qs.size()), dks(qs.size()), dvs(qs.size());
        for (Index h = 0; h < NH; ++h) {
            const Index at = h * T * HS;
            part().attention_backward(&dqs[at], &dks[at], &dvs[at], &dys[at], &one.p[h * T * T],
                                      &qs[at], &ks[at], &vs[at], T, T, HS, HS);
        }
        if (dq) add_rows(dq, one.merged(dqs), a.q, b, T, NH, HS);
        if (dk) add_rows(dk, one.merged(dks), a.k, b, T, NH, HS);
        if (dv) add_rows(dv, one.merged(dvs), a.v, b, T, NH, HS);
    });
}

const Install installed(GRADUS_LESSON_NAME, [] {
    if (forward_before == nullptr) {  // a second time the table holds these two themselves
        forward_before = ops().attention_forward.function();
        backward_before = ops().attention_backward.function();
    }
    ops().attention_forward = attention_forward;
    ops().attention_backward = attention_backward;
});

}  // namespace
}  // namespace gradus::lesson_18
