// SPDX-License-Identifier: MIT
// The configuration of a model in the metadata of a GGUF file (gguf-py's constants.py and llama.cpp's
// llama-model.cpp, which reads it): architectures gpt2, llama and qwen2. The last two differ in the order
// of queries and keys: llama's are in adjacent pairs, qwen2's in halves.
#pragma once

#include <string>

#include "nn/files/weights/gguf.h"
#include "nn/models/text_model.h"

namespace gradus {

struct GgufConfig {
    TextConfig model;
    std::string architecture;  // "gpt2", "llama" or "qwen2"
};

// Throws FileError, naming the key, for anything that is missing, of the wrong type, out of range or
// unknown to these models.
GgufConfig read_gguf_config(const GgufFile& file);

// The architecture as which llama.cpp can run this model. Throws std::invalid_argument if there is none.
std::string gguf_architecture(const TextConfig& config);
// The entries for it, "general.architecture" first. llama.cpp wants exactly these types.
GgufMetadata gguf_config(const TextConfig& config, const std::string& name);

}  // namespace gradus
