// SPDX-License-Identifier: MIT
#include "tensor/embedding.h"

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {

void embedding_forward(Real* y, const Real* table, const int* id, Index n, Index C) {
    for (Index i = 0; i < n; ++i)
        for (Index c = 0; c < C; ++c) y[i * C + c] = table[id[i] * C + c];
}

void embedding_backward(Real* dtable, const Real* dy, const int* id, Index n, Index C,
                        Index /*V*/) {
    for (Index i = 0; i < n; ++i)
        for (Index c = 0; c < C; ++c) dtable[id[i] * C + c] += dy[i * C + c];
}

}  // namespace naive
}  // namespace GRADUS_PRECISION

Tensor embedding_forward(const Tensor& table, const Tokens& ids) {
    require(table.rank() == 2, "embedding: the table must be (V, C), got {}", table.shape());
    const Index V = table.size(0), C = table.size(1);
    require_rows(ids, V);
    Tensor y = Tensor::empty(ids.shape.appended(C));
    ops().embedding_forward(y.data(), table.data(), ids.id.data(), ids.count(), C);
    return y;
}

void embedding_backward(const Tensor& dy, const Tokens& ids, const Tensor& dtable) {
    require(dtable.rank() == 2 && dy.shape() == ids.shape.appended(dtable.size(1)),
            "embedding_backward: dy {} does not fit ids {} and table {}", dy.shape(), ids.shape,
            dtable.shape());
    ops().embedding_backward(dtable.data(), dy.data(), ids.id.data(), ids.count(), dtable.size(1),
                             dtable.size(0));
}

}  // namespace gradus
