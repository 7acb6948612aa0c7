// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus {

// table[ids]. table: (V, C), ids: any shape; result: ids' shape with C appended.
Variable embedding(const Variable& table, const Tokens& ids);

}  // namespace gradus
