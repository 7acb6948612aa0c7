// SPDX-License-Identifier: MIT
// Operations that compute nothing: they only reshape, permute, slice and join.
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable reshape(const Variable& x, const Shape& shape);
// Axis i of the result is axis order[i] of x.
Variable permute(const Variable& x, const std::vector<int>& order);
Variable slice(const Variable& x, Index begin, Index end);            // [begin, end) of axis 0
Variable slice(const Variable& x, int axis, Index begin, Index end);  // of any axis
// Joins the parts along an axis; on all other axes, their sizes must be equal.
Variable concat(const std::vector<Variable>& parts, int axis = 0);

}  // namespace gradus
