// SPDX-License-Identifier: MIT
#include "autograd/attention.h"

namespace gradus {

Variable attention(const Variable& qkv, const AttentionOptions& options) {
    AttentionForward f = attention_forward(qkv.value(), options);
    return record("attention", f.y, {qkv}, [qkv, f, options](const Tensor& dy) {
        attention_backward(dy, qkv.value(), f, options, qkv.grad());
    });
}

}  // namespace gradus
