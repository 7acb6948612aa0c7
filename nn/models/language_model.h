// SPDX-License-Identifier: MIT
// All that evaluation and generation need from a text model, whatever its type.
#pragma once

#include <functional>

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus {

// Anything that turns token ids (B, T) into logits (B, T, V).
using LanguageModel = std::function<Variable(const Tokens& ids)>;

}  // namespace gradus
