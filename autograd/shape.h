// SPDX-License-Identifier: MIT
// Operations that compute nothing: they only reshape, slice and join.
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable reshape(const Variable& x, const Shape& shape);
Variable slice(const Variable& x, Index begin, Index end);  // part of the leading axis
// The parts joined along the leading axis; the sizes of all other axes must be equal.
Variable concat(const std::vector<Variable>& parts);

}  // namespace gradus
