// SPDX-License-Identifier: MIT
// What evaluation and generation ask of a model of text, whatever it is made of.
#pragma once

#include <functional>

#include "autograd/variable.h"
#include "tensor/tokens.h"

namespace gradus {

// Anything that turns token ids (B, T) into logits (B, T, V).
using LanguageModel = std::function<Variable(const Tokens& ids)>;

}  // namespace gradus
