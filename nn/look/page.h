// SPDX-License-Identifier: MIT
// A look inside a model as a single HTML page; see nn/plot/page.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nn/look/pictures.h"

namespace gradus {

// `name` is the model's name, usually its folder; `facts` go at the top. `reading` must come from
// `model`.
std::string look_html(const std::string& name,
                      const std::vector<std::pair<std::string, std::string>>& facts,
                      const TextModel& model, const Tokenizer& tokenizer, const Reading& reading);

}  // namespace gradus
