// SPDX-License-Identifier: MIT
// A look inside a model as lines of text for a terminal.
#pragma once

#include <string>

#include "nn/look/pictures.h"
#include "nn/plot/text.h"

namespace gradus {

// Surprisal, next tokens, logit lens, attention, stream, and the embedding's plane (see
// embedding_plane()), each under its caption. `reading` and `embedding` must be from the same
// model.
std::string look_text(const Reading& reading, const Scatter& embedding, const TextStyle& style);

}  // namespace gradus
