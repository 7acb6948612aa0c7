// SPDX-License-Identifier: MIT
#include "nn/module.h"

namespace gradus {

Index parameter_count(const std::vector<NamedParameter>& parameters) {
    Index count = 0;
    for (const auto& p : parameters) count += p.variable.value().count();
    return count;
}

Variable Initialiser::normal(const Shape& shape, double stddev) {
    const std::uint32_t index = next_++;
    return parameter(
        none_ ? Tensor::empty(shape)
              : Tensor::normal(shape, static_cast<Real>(stddev), seed_, Stream::init, index));
}

}  // namespace gradus
