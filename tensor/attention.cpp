// SPDX-License-Identifier: MIT
#include "tensor/attention.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensor/dropout_mask.h"
#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

namespace {

// The factor that dropout applies to a probability: 1 / (1 - rate) or 0. `number` is the flat index
// of the element (b, h, t, s) in (B,NH,T,T).
Real mask(Real rate, std::uint64_t key, Index number) {
    if (rate == 0) return 1;
    const bool keep =
        dropout_keeps(key, static_cast<std::uint64_t>(number), dropout_threshold(rate));
    return keep ? 1 / (1 - rate) : 0;
}

}  // namespace

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    const Index HS = C / NH, row = 3 * C;  // row: stride from one position to the next in qkv
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS));
    std::vector<Real> p(T);
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            const Real* q = qkv + b * T * row + h * HS;  // q[b, 0, h]
            const Real *k = q + C, *v = k + C;
            for (Index t = 0; t < T; ++t) {
                const Index end = causal ? t + 1 : T, bht = (b * NH + h) * T + t;
                Real* out = y + (b * T + t) * C + h * HS;

                // Pass 1: scores and their maximum.
                Real max = -std::numeric_limits<Real>::infinity();
                for (Index s = 0; s < end; ++s) {
                    Real dot = 0;
                    for (Index i = 0; i < HS; ++i) dot += q[t * row + i] * k[s * row + i];
                    p[s] = dot * scale;
                    max = std::max(max, p[s]);
                }
                // Pass 2: softmax.
                Real sum = 0;
                for (Index s = 0; s < end; ++s) sum += p[s] = std::exp(p[s] - max);
                lse[bht] = max + std::log(sum);
                // Pass 3: the weighted sum of the values.
                std::fill(out, out + HS, Real(0));
                for (Index s = 0; s < end; ++s) {
                    const Real kept = mask(rate, key, bht * T + s);
                    if (kept == 0) continue;
                    const Real weight = p[s] / sum * kept;
                    for (Index i = 0; i < HS; ++i) out[i] += weight * v[s * row + i];
                }
            }
        }
    }
}

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    const Index HS = C / NH, row = 3 * C;
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS));
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            const Real* q = qkv + b * T * row + h * HS;
            const Real *k = q + C, *v = k + C;
            Real* dq = dqkv + b * T * row + h * HS;
            Real *dk = dq + C, *dv = dk + C;
            for (Index t = 0; t < T; ++t) {
                const Index end = causal ? t + 1 : T, bht = (b * NH + h) * T + t;
                const Real* dout = dy + (b * T + t) * C + h * HS;
                const Real* out = y + (b * T + t) * C + h * HS;
                // The gradient of the softmax needs sum_s p[s] dp[s] first. As y = sum_s p[s] v[s],
                // that is dot(dy, y): one short dot product instead of a pass over the row.
                Real dot = 0;
                for (Index i = 0; i < HS; ++i) dot += dout[i] * out[i];
                for (Index s = 0; s < end; ++s) {
                    Real score = 0, dp = 0;
                    for (Index i = 0; i < HS; ++i) {
                        score += q[t * row + i] * k[s * row + i];
                        dp += dout[i] * v[s * row + i];
                    }
                    const Real p = std::exp(score * scale - lse[bht]);
                    const Real kept = mask(rate, key, bht * T + s);
                    // The forward pass did y[t] += kept p v[s], so now:
                    for (Index i = 0; i < HS; ++i) dv[s * row + i] += kept * p * dout[i];
                    // and p = softmax(scale q k), so:
                    const Real dscore = p * (kept * dp - dot) * scale;
                    for (Index i = 0; i < HS; ++i) dq[t * row + i] += dscore * k[s * row + i];
                    for (Index i = 0; i < HS; ++i) dk[s * row + i] += dscore * q[t * row + i];
                }
            }
        }
    }
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

namespace {

struct QkvSizes {
    Index B, T, C;
};

QkvSizes sizes(const Tensor& qkv, const AttentionOptions& options) {
    require(qkv.rank() == 3 && qkv.size(2) % 3 == 0, "attention: needs (B, T, 3C), got {}",
            qkv.shape());
    const Index C = qkv.size(2) / 3;
    require(options.heads >= 1 && C % options.heads == 0,
            "attention: width {} is not a multiple of {} heads", C, options.heads);
    require(options.dropout >= 0 && options.dropout < 1, "attention: dropout {} is not in [0, 1)",
            options.dropout);
    return {qkv.size(0), qkv.size(1), C};
}

}  // namespace

AttentionForward attention_forward(const Tensor& qkv, const AttentionOptions& options) {
    const auto [B, T, C] = sizes(qkv, options);
    AttentionForward f{Tensor::empty({B, T, C}), Tensor::empty({B, options.heads, T})};
    ops().attention_forward(f.y.data(), f.lse.data(), qkv.data(), B, T, C, options.heads,
                            options.causal, options.dropout, options.key);
    return f;
}

void attention_backward(const Tensor& dy, const Tensor& qkv, const AttentionForward& f,
                        const AttentionOptions& options, const Tensor& dqkv) {
    const auto [B, T, C] = sizes(qkv, options);
    require(dy.shape() == f.y.shape() && dqkv.shape() == qkv.shape(),
            "attention_backward: shapes differ: dy {}, y {}, dqkv {}, qkv {}", dy.shape(),
            f.y.shape(), dqkv.shape(), qkv.shape());
    ops().attention_backward(dqkv.data(), dy.data(), f.y.data(), f.lse.data(), qkv.data(), B, T, C,
                             options.heads, options.causal, options.dropout, options.key);
}

Tensor attention_probabilities(const Tensor& qkv, const AttentionOptions& options) {
    const auto [B, T, C] = sizes(qkv, options);
    const Index NH = options.heads, HS = C / NH;
    const Tensor lse = attention_forward(qkv, options).lse;
    Tensor p({B, NH, T, T});
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            const Real* q = qkv.data() + b * T * 3 * C + h * HS;
            for (Index t = 0; t < T; ++t) {
                for (Index s = 0; s < (options.causal ? t + 1 : T); ++s) {
                    Real dot = 0;
                    for (Index i = 0; i < HS; ++i) dot += q[t * 3 * C + i] * q[s * 3 * C + C + i];
                    const Index row = (b * NH + h) * T + t;
                    p[row * T + s] = std::exp(dot / std::sqrt(static_cast<Real>(HS)) - lse[row]);
                }
            }
        }
    }
    return p;
}

}  // namespace gradus
