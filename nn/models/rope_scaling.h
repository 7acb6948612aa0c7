// SPDX-License-Identifier: MIT
// "rope_scaling" of a config.json: how rotary embedding is stretched to texts longer than those it was
// trained on. Whatever the rule, the result is a factor for each pair of dimensions, by which it
// turns more slowly (LlamaConfig::rotary_stretch).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "nn/files/json_fields.h"
#include "nn/models/llama.h"

namespace gradus {

// Reads "rope_scaling" or, in files of transformers 5, "rope_parameters", which has the base, too. Throws
// FileError for a rule that is not known, or with impossible numbers.
void read_rope_scaling(const JsonFields& keys, LlamaConfig& config);

// The rule that gives the stretches of a configuration: linear or Llama 3's if one of these does, otherwise
// a list ("longrope"), which fewer programs read. The configuration must have some.
nlohmann::json rope_scaling(const LlamaConfig& config);

}  // namespace gradus
