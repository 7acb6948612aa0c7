// SPDX-License-Identifier: MIT
// Operations that compute nothing: they only reshape, slice and join.
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable reshape(const Variable& x, const Shape& shape);
Variable slice(const Variable& x, Index begin, Index end);  // [begin, end) of the leading axis
// Joins the parts along the leading axis; on all other axes, their sizes must be equal.
Variable concat(const std::vector<Variable>& parts);

}  // namespace gradus
