// SPDX-License-Identifier: MIT
#include "autograd/shape.h"

#include "tensor/strided.h"

namespace gradus {

Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", x.value().reshape(shape), {x},
                  [x](const Tensor& dy) { x.add_grad(dy.reshape(x.shape())); });
}

Variable permute(const Variable& x, const std::vector<int>& order) {
    return record("permute", permute_forward(x.value(), order), {x},
                  [x, order](const Tensor& dy) { permute_backward(dy, order, x.grad()); });
}

Variable slice(const Variable& x, Index begin, Index end) {
    return slice(x, 0, begin, end);
}

Variable slice(const Variable& x, int axis, Index begin, Index end) {
    return record("slice", slice_forward(x.value(), axis, begin, end), {x},
                  [=](const Tensor& dy) { slice_backward(dy, axis, begin, x.grad()); });
}

Variable concat(const std::vector<Variable>& parts, int axis) {
    std::vector<Tensor> values;
    for (const auto& part : parts) values.push_back(part.value());
    return record("concat", concat_forward(values, axis), parts, [parts, axis](const Tensor& dy) {
        Index begin = 0;
        for (const auto& part : parts) {
            const Index end = begin + part.size(axis);
            if (part.requires_grad()) part.add_grad(slice_forward(dy, axis, begin, end));
            begin = end;
        }
    });
}

}  // namespace gradus
