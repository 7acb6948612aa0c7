// SPDX-License-Identifier: MIT
#include "autograd/embedding.h"

#include "tensor/embedding.h"

namespace gradus {

Variable embedding(const Variable& table, const Tokens& ids) {
    return record("embedding", embedding_forward(table.value(), ids), {table},
                  [table, ids](const Tensor& dy) { embedding_backward(dy, ids, table.grad()); });
}

}  // namespace gradus
