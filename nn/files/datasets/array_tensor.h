// SPDX-License-Identifier: MIT
// Arrays of data files as tensors, and the reverse.
#pragma once

#include "nn/files/datasets/number_array.h"
#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// The same numbers as Real; integers that it cannot hold exactly are rounded (in float, beyond 2^24).
// Throws std::invalid_argument for a finite number that is too large for it.
Tensor to_tensor(const NumberArray& array);

// f32; in the double build f64.
NumberArray to_array(const Tensor& tensor);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
