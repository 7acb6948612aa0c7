// SPDX-License-Identifier: MIT
// Looks up rows of a table by index; the gradient is a scatter-add.
#pragma once

#include "tensor/tensor.h"
#include "tensor/tokens.h"

namespace gradus {

// y[...] = table[ids[...]]. table: (V, C), ids: any shape, y: ids' shape with C appended.
// Throws unless every id is in 0..V-1.
Tensor embedding_forward(const Tensor& table, const Tokens& ids);

// dtable[ids[...]] += dy[...]: a token that occurs twice receives both gradients.
void embedding_backward(const Tensor& dy, const Tokens& ids, const Tensor& dtable);

}  // namespace gradus
