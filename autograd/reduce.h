// SPDX-License-Identifier: MIT
// Sums, means and broadcasting on variables.
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable sum(const Variable& x);            // of all elements; result: ()
Variable sum(const Variable& x, int axis);  // over one axis, which disappears
Variable mean(const Variable& x);
Variable mean(const Variable& x, int axis);
Variable broadcast_to(const Variable& x, const Shape& shape);

}  // namespace gradus
