// SPDX-License-Identifier: MIT
#include "autograd/attention.h"

namespace gradus {

Variable attention(const Variable& qkv, const AttentionOptions& options) {
    AttentionForward f = attention_forward(qkv.value(), options);
    return record("attention", f.y, {qkv}, [qkv, f, options](const Tensor& dy) {
        attention_backward(dy, qkv.value(), f, options, qkv.grad());
    });
}

Variable attention(const Variable& q, const Variable& k, const Variable& v,
                   const AttentionOptions& options, const Variable& bias) {
    const Tensor added = bias.defined() ? bias.value() : Tensor();
    AttentionForward f = attention_forward(q.value(), k.value(), v.value(), options, added);
    return record("attention", f.y, {q, k, v, bias}, [=](const Tensor& dy) {
        attention_backward(dy, q.value(), k.value(), v.value(), f, options,
                           {q.grad(), k.grad(), v.grad(), bias.grad()}, added);
    });
}

}  // namespace gradus
