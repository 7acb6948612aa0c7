// SPDX-License-Identifier: MIT
#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/dropout_mask.h"
#include "tensor/strided.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

namespace {

constexpr Real kInfinity = std::numeric_limits<Real>::infinity();

// One query head of one sequence: its vectors, and the keys that a query sees.
struct Head {
    const AttentionShape& shape;
    Index b, h, kv = h / (shape.heads / shape.kv_heads);

    Index q(Index t) const { return at(shape.q, h, t); }
    Index k(Index s) const { return at(shape.k, kv, s); }
    Index v(Index s) const { return at(shape.v, kv, s); }
    Index y(Index t) const { return ((b * shape.Tq + t) * shape.heads + h) * shape.value_size; }
    Index row(Index t) const { return (b * shape.heads + h) * shape.Tq + t; }  // in lse
    Index bias(Index t, Index s) const { return (h * shape.Tq + t) * shape.Tk + s; }

    bool sees(Index t, Index s) const {
        const Index position = t + (shape.offset ? shape.offset[b] : shape.Tk - shape.Tq);
        const bool there = (!shape.queries || t < shape.queries[b]) &&  //
                           (!shape.keys || s < shape.keys[b]);
        return there && s >= position - shape.before && s <= position + shape.after;
    }

    // What dropout multiplies a probability by: 1 / (1 - rate) or 0.
    Real mask(Index t, Index s) const {
        if (shape.dropout == 0) return 1;
        const auto number = static_cast<std::uint64_t>(row(t) * shape.Tk + s);
        const auto threshold = dropout_threshold(shape.dropout);
        return dropout_keeps(shape.key, number, threshold) ? 1 / (1 - shape.dropout) : 0;
    }

 private:
    Index at(const HeadStrides& strides, Index head, Index position) const {
        return b * strides.batch + position * strides.position + head * strides.head;
    }
};

Real dot(const Real* a, const Real* b, Index n) {
    Real sum = 0;
    for (Index i = 0; i < n; ++i) sum += a[i] * b[i];
    return sum;
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                       const Real* bias, const AttentionShape& a) {
    std::vector<Real> p(a.Tk);
    for (Index row = 0; row < a.B * a.heads; ++row) {
        const Head head{a, row / a.heads, row % a.heads};
        for (Index t = 0; t < a.Tq; ++t) {
            // Pass 1: scores and their maximum, which is finite even if no key is seen.
            Real max = std::numeric_limits<Real>::lowest();
            for (Index s = 0; s < a.Tk; ++s) {
                if (!head.sees(t, s)) continue;
                p[s] = dot(q + head.q(t), k + head.k(s), a.key_size) * a.scale;
                if (bias) p[s] += bias[head.bias(t, s)];
                max = std::max(max, p[s]);
            }
            // Pass 2: softmax.
            Real sum = 0;
            for (Index s = 0; s < a.Tk; ++s)
                if (head.sees(t, s)) sum += p[s] = std::exp(p[s] - max);
            lse[head.row(t)] = sum == 0 ? -kInfinity : max + std::log(sum);
            // Pass 3: the weighted average of the values; 0 if no key has a weight.
            Real* out = y + head.y(t);
            std::fill(out, out + a.value_size, Real(0));
            for (Index s = 0; s < a.Tk; ++s) {
                if (sum == 0 || !head.sees(t, s)) continue;
                const Real kept = head.mask(t, s);
                if (kept == 0) continue;
                const Real weight = p[s] / sum * kept;
                for (Index i = 0; i < a.value_size; ++i) out[i] += weight * v[head.v(s) + i];
            }
        }
    }
}

void attention_backward(Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy, const Real* y,
                        const Real* lse, const Real* q, const Real* k, const Real* v,
                        const Real* bias, const AttentionShape& a) {
    for (Index row = 0; row < a.B * a.heads; ++row) {
        const Head head{a, row / a.heads, row % a.heads};
        for (Index t = 0; t < a.Tq; ++t) {
            const Real denominator = lse[head.row(t)];
            if (denominator == -kInfinity) continue;  // no key had a weight
            const Real *dout = dy + head.y(t), *query = q + head.q(t);
            // The gradient of the softmax needs sum_s p[s] dp[s] first. With y = sum_s p[s] v[s]
            // that is dot(dy, y): one short dot product instead of a pass over the row.
            const Real mean = dot(dout, y + head.y(t), a.value_size);
            for (Index s = 0; s < a.Tk; ++s) {
                if (!head.sees(t, s)) continue;
                Real score = dot(query, k + head.k(s), a.key_size) * a.scale;
                if (bias) score += bias[head.bias(t, s)];
                const Real p = std::exp(score - denominator), kept = head.mask(t, s);
                const Real dp = dot(dout, v + head.v(s), a.value_size);
                // In the forward pass this was y[t] += kept p v[s], so now:
                for (Index i = 0; dv && i < a.value_size; ++i)
                    dv[head.v(s) + i] += kept * p * dout[i];
                // and p = softmax(scale q k + bias), so:
                const Real dscore = p * (kept * dp - mean);
                if (dbias) dbias[head.bias(t, s)] += dscore;
                for (Index i = 0; dq && i < a.key_size; ++i)
                    dq[head.q(t) + i] += dscore * a.scale * k[head.k(s) + i];
                for (Index i = 0; dk && i < a.key_size; ++i)
                    dk[head.k(s) + i] += dscore * a.scale * query[i];
            }
        }
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

// A list with a number for each sequence, or null for "all of them".
const Index* per_sequence(const std::vector<Index>& list, Index B, const char* what, Index limit) {
    if (list.empty()) return nullptr;
    require(static_cast<Index>(list.size()) == B, "attention: {} {} for {} sequences", list.size(),
            what, B);
    for (Index n : list)
        require(n >= 0 && n <= limit, "attention: {} holds {}, must be 0 to {}", what, n, limit);
    return list.data();
}

// All but the strides of q, k and v.
AttentionShape shape_of(Index B, Index Tq, Index Tk, Index key_size, Index value_size,
                        const AttentionOptions& options) {
    require(options.dropout >= 0 && options.dropout < 1, "attention: dropout {} is not in [0, 1)",
            options.dropout);
    require(options.mask.before >= 0 && options.mask.after >= 0,
            "attention: a query must see its own position, the mask reaches from {} before to {} "
            "after it",
            options.mask.before, options.mask.after);
    AttentionShape a{.B = B,
                     .Tq = Tq,
                     .Tk = Tk,
                     .heads = options.heads,
                     .kv_heads = options.kv_heads > 0 ? options.kv_heads : options.heads,
                     .key_size = key_size,
                     .value_size = value_size,
                     .q = {},
                     .k = {},
                     .v = {},
                     .scale = options.scale.value_or(1 / std::sqrt(static_cast<Real>(key_size))),
                     .before = std::min(options.mask.before, kUnlimited),
                     .after = std::min(options.mask.after, kUnlimited)};
    a.offset = per_sequence(options.offsets, B, "offsets", kUnlimited);
    a.queries = per_sequence(options.query_lengths, B, "query lengths", Tq);
    a.keys = per_sequence(options.key_lengths, B, "key lengths", Tk);
    a.dropout = options.dropout;
    a.key = options.key;
    return a;
}

// The heads of keys and values, after checking that they can be shared out among the queries'.
Index key_value_heads(const AttentionOptions& options) {
    const Index kv = options.kv_heads > 0 ? options.kv_heads : options.heads;
    require(options.heads >= 1 && options.kv_heads >= 0 && options.heads % kv == 0,
            "attention: {} heads cannot share {} key-value heads", options.heads, kv);
    return kv;
}

void require_bias(const Tensor& bias, const AttentionShape& a) {
    const Shape wanted{a.heads, a.Tq, a.Tk};
    require(!bias.defined() || bias.shape() == wanted,
            "attention: the bias is {}, must be {} (heads, queries, keys)", bias.shape(), wanted);
}

AttentionForward forward(const AttentionInputs& in, const Tensor& bias) {
    const AttentionShape& a = in.shape;
    require_bias(bias, a);
    AttentionForward f{Tensor::empty({a.B, a.Tq, a.heads * a.value_size}),
                       Tensor::empty({a.B, a.heads, a.Tq})};
    ops().attention_forward(f.y.data(), f.lse.data(), in.q, in.k, in.v, bias.data(), a);
    return f;
}

Tensor probabilities(const AttentionInputs& in, const Tensor& bias) {
    // With the unit vectors as values, the same for every head, y is p.
    AttentionShape a = in.shape;
    require_bias(bias, a);
    Tensor identity({a.Tk, a.Tk});
    for (Index s = 0; s < a.Tk; ++s) identity.at(s, s) = 1;
    a.value_size = a.Tk;
    a.v = {0, a.Tk, 0};
    Tensor y = Tensor::empty({a.B, a.Tq, a.heads, a.Tk}), lse = Tensor::empty({a.B, a.heads, a.Tq});
    ops().attention_forward(y.data(), lse.data(), in.q, in.k, identity.data(), bias.data(), a);
    return permute_forward(y, {0, 2, 1, 3});  // (B, heads, Tq, Tk)
}

}  // namespace

AttentionInputs attention_inputs(const Tensor& qkv, const AttentionOptions& options) {
    const Index kv = key_value_heads(options), vectors = options.heads + 2 * kv;
    require(qkv.rank() == 3 && qkv.size(2) % vectors == 0,
            "attention: the last axis of {} cannot be split into {} heads of queries, {} of keys "
            "and {} of values",
            qkv.shape(), options.heads, kv, kv);
    const Index B = qkv.size(0), T = qkv.size(1), row = qkv.size(2), size = row / vectors;
    AttentionShape a = shape_of(B, T, T, size, size, options);
    a.q = a.k = a.v = {T * row, row, size};
    const Real *q = qkv.data(), *k = q + options.heads * size;
    return {a, q, k, k + kv * size};
}

AttentionInputs attention_inputs(const Tensor& q, const Tensor& k, const Tensor& v,
                                 const AttentionOptions& options) {
    const Index kv = key_value_heads(options);
    require(q.rank() == 3 && k.rank() == 3 && v.rank() == 3,
            "attention: queries, keys and values must be (B, T, heads size), got {}, {} and {}",
            q.shape(), k.shape(), v.shape());
    const Index B = q.size(0), Tq = q.size(1), Tk = k.size(1);
    require(k.size(0) == B && v.size(0) == B && v.size(1) == Tk,
            "attention: queries {}, keys {} and values {} do not belong together", q.shape(),
            k.shape(), v.shape());
    require(q.size(2) % options.heads == 0 && k.size(2) % kv == 0 && v.size(2) % kv == 0 &&
                q.size(2) / options.heads == k.size(2) / kv,
            "attention: {} heads in queries {}, {} in keys {} and values {}: the vectors of "
            "queries and keys must be of one size",
            options.heads, q.shape(), kv, k.shape(), v.shape());
    const Index key_size = k.size(2) / kv, value_size = v.size(2) / kv;
    AttentionShape a = shape_of(B, Tq, Tk, key_size, value_size, options);
    const auto strides = [](const Tensor& x, Index size) {
        return HeadStrides{x.size(1) * x.size(2), x.size(2), size};
    };
    a.q = strides(q, key_size), a.k = strides(k, key_size), a.v = strides(v, value_size);
    return {a, q.data(), k.data(), v.data()};
}

AttentionForward attention_forward(const Tensor& qkv, const AttentionOptions& options) {
    return forward(attention_inputs(qkv, options), {});
}

AttentionForward attention_forward(const Tensor& q, const Tensor& k, const Tensor& v,
                                   const AttentionOptions& options, const Tensor& bias) {
    return forward(attention_inputs(q, k, v, options), bias);
}

void attention_backward(const Tensor& dy, const Tensor& qkv, const AttentionForward& f,
                        const AttentionOptions& options, const Tensor& dqkv) {
    const auto [a, q, k, v] = attention_inputs(qkv, options);
    require(dy.shape() == f.y.shape() && dqkv.shape() == qkv.shape(),
            "attention_backward: shapes differ: dy {}, y {}, dqkv {}, qkv {}", dy.shape(),
            f.y.shape(), dqkv.shape(), qkv.shape());
    Real* dq = dqkv.data();
    ops().attention_backward(dq, dq + (k - q), dq + (v - q), nullptr, dy.data(), f.y.data(),
                             f.lse.data(), q, k, v, nullptr, a);
}

void attention_backward(const Tensor& dy, const Tensor& q, const Tensor& k, const Tensor& v,
                        const AttentionForward& f, const AttentionOptions& options,
                        const AttentionGradients& d, const Tensor& bias) {
    const AttentionInputs in = attention_inputs(q, k, v, options);
    require_bias(bias, in.shape);
    require(dy.shape() == f.y.shape(), "attention_backward: dy is {}, y is {}", dy.shape(),
            f.y.shape());
    const auto fits = [](const Tensor& gradient, const Tensor& x) {
        require(!gradient.defined() || gradient.shape() == x.shape(),
                "attention_backward: gradient {} for {}", gradient.shape(), x.shape());
    };
    fits(d.q, q), fits(d.k, k), fits(d.v, v), fits(d.bias, bias);
    ops().attention_backward(d.q.data(), d.k.data(), d.v.data(), d.bias.data(), dy.data(),
                             f.y.data(), f.lse.data(), in.q, in.k, in.v, bias.data(), in.shape);
}

Tensor attention_probabilities(const Tensor& qkv, const AttentionOptions& options) {
    return probabilities(attention_inputs(qkv, options), {});
}

Tensor attention_probabilities(const Tensor& q, const Tensor& k, const Tensor& v,
                               const AttentionOptions& options, const Tensor& bias) {
    return probabilities(attention_inputs(q, k, v, options), bias);
}

}  // namespace gradus
