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

void attention_forward(Real* y, Real* lse, const Real* qkv, Index B, Index T, Index C, Index NH,
                       bool causal, Real rate, std::uint64_t key) {
    const Index HS = C / NH;
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS)), kept = 1 / (1 - rate);
    const auto threshold = dropout_threshold(rate);
    std::vector<Real> p(static_cast<std::size_t>(T));
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            const Real* q =
                qkv + b * T * 3 * C + h * HS;  // q[b, 0, h]; the next position is 3C further on
            const Real *k = q + C, *v = q + 2 * C;
            for (Index t = 0; t < T; ++t) {
                const Index end = causal ? t + 1 : T;
                Real* out = y + (b * T + t) * C + h * HS;

                // Pass 1: scores and their maximum.
                Real max = -std::numeric_limits<Real>::infinity();
                for (Index s = 0; s < end; ++s) {
                    Real dot = 0;
                    for (Index i = 0; i < HS; ++i) dot += q[t * 3 * C + i] * k[s * 3 * C + i];
                    p[static_cast<std::size_t>(s)] = dot * scale;
                    max = std::max(max, dot * scale);
                }
                // Pass 2: softmax.
                Real sum = 0;
                for (Index s = 0; s < end; ++s)
                    sum += p[static_cast<std::size_t>(s)] =
                        std::exp(p[static_cast<std::size_t>(s)] - max);
                lse[(b * NH + h) * T + t] = max + std::log(sum);
                // Pass 3: the average of the values.
                std::fill(out, out + HS, Real(0));
                for (Index s = 0; s < end; ++s) {
                    const auto number = static_cast<std::uint64_t>(((b * NH + h) * T + t) * T + s);
                    if (rate > 0 && !dropout_keeps(key, number, threshold)) continue;
                    const Real weight =
                        p[static_cast<std::size_t>(s)] / sum * (rate > 0 ? kept : 1);
                    for (Index i = 0; i < HS; ++i) out[i] += weight * v[s * 3 * C + i];
                }
            }
        }
    }
}

void attention_backward(Real* dqkv, const Real* dy, const Real* y, const Real* lse, const Real* qkv,
                        Index B, Index T, Index C, Index NH, bool causal, Real rate,
                        std::uint64_t key) {
    const Index HS = C / NH;
    const Real scale = 1 / std::sqrt(static_cast<Real>(HS)), kept = 1 / (1 - rate);
    const auto threshold = dropout_threshold(rate);
    for (Index b = 0; b < B; ++b) {
        for (Index h = 0; h < NH; ++h) {
            const Real* q = qkv + b * T * 3 * C + h * HS;
            const Real *k = q + C, *v = q + 2 * C;
            Real* dq = dqkv + b * T * 3 * C + h * HS;
            Real *dk = dq + C, *dv = dq + 2 * C;
            for (Index t = 0; t < T; ++t) {
                const Real* dout = dy + (b * T + t) * C + h * HS;
                const Real* out = y + (b * T + t) * C + h * HS;
                // Undoing the softmax needs sum_s p[s] dp[s] first. With y = sum_s p[s] v[s] that
                // is dot(dy, y): one short dot product instead of a pass over the row.
                Real dot = 0;
                for (Index i = 0; i < HS; ++i) dot += dout[i] * out[i];
                for (Index s = 0; s < (causal ? t + 1 : T); ++s) {
                    Real score = 0, dp = 0;
                    for (Index i = 0; i < HS; ++i) {
                        score += q[t * 3 * C + i] * k[s * 3 * C + i];
                        dp += dout[i] * v[s * 3 * C + i];
                    }
                    const Real p = std::exp(score * scale - lse[(b * NH + h) * T + t]);
                    const auto number = static_cast<std::uint64_t>(((b * NH + h) * T + t) * T + s);
                    const Real mask = rate <= 0                               ? 1
                                      : dropout_keeps(key, number, threshold) ? kept
                                                                              : 0;
                    // In the forward pass this was y[t] += mask p v[s], so now:
                    for (Index i = 0; i < HS; ++i) dv[s * 3 * C + i] += mask * p * dout[i];
                    // and p = softmax(scale q k), so:
                    const Real dscore = p * (mask * dp - dot) * scale;
                    for (Index i = 0; i < HS; ++i) dq[t * 3 * C + i] += dscore * k[s * 3 * C + i];
                    for (Index i = 0; i < HS; ++i) dk[s * 3 * C + i] += dscore * q[t * 3 * C + i];
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
