// SPDX-License-Identifier: MIT
// A language model of any architecture of this library that reads from left to right: what generates
// text, looks inside, evaluates and exports takes one of these.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "nn/models/gpt.h"
#include "nn/models/llama.h"

namespace gradus {

using TextConfig = std::variant<GptConfig, LlamaConfig>;

struct TextModel {
    std::variant<Gpt, Llama> any;

    TextModel() = default;
    TextModel(Gpt gpt) : any(std::move(gpt)) {}        // implicit: a GPT is a text model
    TextModel(Llama llama) : any(std::move(llama)) {}  // and so is a Llama
    TextModel(const TextConfig& config, Initialiser init);

    // ids: (B, T) -> the logits of the next token at every position, (B, T, V).
    Variable operator()(const Tokens& ids) const;

    TextConfig config() const;
    Index layers() const;
    Index heads() const;
    Index width() const;
    Index context() const;
    Index vocabulary() const;
    // Row i is the embedding of token ids[i], whatever format it is kept in: (n, C).
    Tensor embeddings(const std::vector<int>& ids) const;

    // Stores every matrix in 8 bits (tensor/stored_weight.h), except learned position embeddings.
    void quantise();

    void parameters(auto&& visit) {
        std::visit([&](auto& model) { model.parameters(visit); }, any);
    }
};

// What the configurations of all architectures have.
Index context_of(const TextConfig& config);
Index vocabulary_of(const TextConfig& config);
Index parameter_count(const TextConfig& config);
void validate(const TextConfig& config);
double flops_per_token(const TextConfig& config);
std::vector<Field> fields_of(TextConfig& config);
std::string architecture_of(const TextConfig& config);  // "gpt" or "llama"

}  // namespace gradus
