// SPDX-License-Identifier: MIT
// config.json, the file beside the weights of a published model (Hugging Face transformers'
// configuration_gpt2.py, configuration_llama.py, configuration_qwen2.py, configuration_mistral.py):
// model_type gpt2, llama, mistral or qwen2. What such a file can ask for and these models cannot do
// is refused, not ignored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "nn/models/text_model.h"

namespace gradus {

struct HfConfig {
    TextConfig model;
    std::string type;        // "gpt2", "llama", "mistral" or "qwen2"
    std::optional<int> bos;  // the token that begins a text
    std::vector<int> eos;    // those that end one
};

// Throws FileError, naming the key, for anything that is missing, of the wrong type, out of range or
// unknown to these models.
HfConfig read_hf_config(const std::string& path);

// What transformers reads: a Gpt as gpt2; a Llama as llama, as qwen2 if it has the biases of that, or as
// mistral if it has a window. Throws std::invalid_argument for biases that none of these has.
nlohmann::json hf_config(const HfConfig& config);

}  // namespace gradus
