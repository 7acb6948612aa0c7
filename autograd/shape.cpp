// SPDX-License-Identifier: MIT
#include "autograd/shape.h"

#include "tensor/elementwise.h"

namespace gradus {

Variable reshape(const Variable& x, const Shape& shape) {
    return record("reshape", x.value().reshape(shape), {x},
                  [x](const Tensor& dy) { x.add_grad(dy.reshape(x.shape())); });
}

Variable slice(const Variable& x, Index begin, Index end) {
    return record("slice", x.value().slice(begin, end), {x}, [x, begin, end](const Tensor& dy) {
        add_scaled(x.grad().slice(begin, end), dy);
    });
}

Variable concat(const std::vector<Variable>& parts) {
    require(!parts.empty() && parts[0].shape().rank() > 0,
            "concat: needs at least one part with an axis");
    Index total = 0;
    for (const auto& part : parts) {
        require(part.shape().rank() > 0 && part.shape().with(0, 0) == parts[0].shape().with(0, 0),
                "concat: parts {} and {} differ beyond the leading axis", parts[0].shape(),
                part.shape());
        total += part.size(0);
    }
    Tensor y = Tensor::empty(parts[0].shape().with(0, total));
    Index at = 0;
    for (const auto& part : parts) {
        y.slice(at, at + part.size(0)).copy_from(part.value());
        at += part.size(0);
    }
    return record("concat", y, parts, [parts](const Tensor& dy) {
        Index begin = 0;
        for (const auto& part : parts) {
            if (part.requires_grad())
                add_scaled(part.grad(), dy.slice(begin, begin + part.size(0)));
            begin += part.size(0);
        }
    });
}

}  // namespace gradus
