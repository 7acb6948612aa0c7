// SPDX-License-Identifier: MIT
#pragma once

#include "autograd/variable.h"

namespace gradus {

Variable softmax(const Variable& x);  // over the last axis; rows sum to 1

}  // namespace gradus
