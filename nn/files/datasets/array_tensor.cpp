// SPDX-License-Identifier: MIT
#include "nn/files/datasets/array_tensor.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "nn/files/datasets/number_array_parts.h"
#include "tensor/error.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

Tensor to_tensor(const NumberArray& array) {
    require_whole("to_tensor", array);
    const Tensor tensor = Tensor::empty(array.shape);
    for (Index i = 0; i < tensor.count(); ++i) {
        const double value = array[i];
        require(
            !std::isfinite(value) || std::abs(value) <= double{std::numeric_limits<Real>::max()},
            "to_tensor: element {} is {}, too large for a float", i, value);
        tensor[i] = static_cast<Real>(value);
    }
    return tensor;
}

NumberArray to_array(const Tensor& tensor) {
    require_defined("to_array", tensor);
    NumberArray array{sizeof(Real) == 4 ? NumberType::f32 : NumberType::f64, tensor.shape(), {}};
    array.bytes.resize(static_cast<std::size_t>(tensor.count()) * sizeof(Real));
    if (!array.bytes.empty()) std::memcpy(array.bytes.data(), tensor.data(), array.bytes.size());
    return array;
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
