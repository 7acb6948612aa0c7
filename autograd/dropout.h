// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"

namespace gradus {

// Each element is x / (1 - rate) with probability 1 - rate, else 0; `key` determines the mask. At
// rate 0, returns x itself.
Variable dropout(const Variable& x, Real rate, std::uint64_t key);

}  // namespace gradus
