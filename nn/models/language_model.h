// SPDX-License-Identifier: MIT
// The interface through which evaluation and generation use a language model of any type.
#pragma once

#include <functional>

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus {

// Anything that turns token ids (B, T) into logits (B, T, V).
using LanguageModel = std::function<Variable(const Tokens& ids)>;

}  // namespace gradus
