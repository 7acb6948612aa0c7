// SPDX-License-Identifier: MIT
// Models that other software has trained or published: the weights in their file become the parameters
// of one of this library's models.
//     Pretrained gpt2 = load_pretrained("gpt2", WeightUse::mapped);
//     Variable logits = gpt2.model(ids);
// What is read:
//     a folder   config.json with model.safetensors, in one piece or several: GPT-2, Llama, Mistral, Qwen2
//     .gguf      llama.cpp's format, of the architectures gpt2, llama and qwen2
//     .bin       llama2.c's checkpoints
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/files/weights/weight_file.h"
#include "nn/models/tensor_names.h"
#include "nn/models/text_model.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// mapped: matrices stay in the file, in its format, and are only read: a model of any size is ready at
// once. trainable: all weights become floats in memory.
enum class WeightUse { mapped, trainable };

struct Pretrained {
    TextModel model;
    std::string origin;                       // "gpt2 in safetensors"
    std::optional<int> bos;                   // the token that begins a text, if the file names one
    std::vector<int> eos;                     // those that end one
    std::optional<Tokenizer> tokenizer = {};  // of a GGUF file, which may hold it, too
};

// Whether this is the path of something that load_pretrained() is for, judging by names alone.
bool is_pretrained(const std::string& path);

// Throws FileError, naming file and tensor or key, if anything is missing, left over, of another shape
// or beyond these models; std::invalid_argument if trainable weights take more memory than there is.
Pretrained load_pretrained(const std::string& path, WeightUse use);

// The weights alone, of a file with these names: everything that the model has must be there, and
// nothing else but what the names ignore. A tied output layer may be there, too, if it is the same.
// Trainable ones come with the numbers of each head in halves, whatever their order in the file.
TextModel load_named(const WeightFile& file, const TextConfig& config, const TensorNames& names,
                     WeightUse use);

}  // namespace gradus
