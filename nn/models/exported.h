// SPDX-License-Identifier: MIT
// A model for other software: a folder for Hugging Face's transformers, a GGUF file for llama.cpp, or the
// bare numbers for NumPy.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/models/text_model.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

struct ExportedModel {
    const TextModel& model;
    const Tokenizer* tokenizer = nullptr;  // none: the files say nothing of text
    std::optional<int> bos = {};           // the token that begins a text
    std::vector<int> eos = {};             // those that end one
    std::string name = "";
};

// config.json, model.safetensors and, with a tokenizer, tokenizer.json and tokenizer_config.json, in a
// folder that does not exist yet or is empty; config.json comes last, so that without it the export is
// not complete. Returns "", or why the tokenizer was left out: it cannot be said in a tokenizer.json.
// format: f32, f16 or bf16. Throws std::invalid_argument for another; FileError if a file cannot be
// written.
std::string export_hf(const ExportedModel& what, const std::string& folder, WeightFormat format);

// One file. format: any but int8. Throws std::invalid_argument, saying what to do instead, if llama.cpp
// cannot run such a model or has no such tokenizer; FileError if the file cannot be written.
void export_gguf(const ExportedModel& what, const std::string& path, WeightFormat format);

// The parameters under their names here ("block.0.mlp.up.weight"), as numpy.load() gives them.
void export_npz(const ExportedModel& what, const std::string& path);

}  // namespace gradus
