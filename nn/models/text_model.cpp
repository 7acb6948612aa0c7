// SPDX-License-Identifier: MIT
#include "nn/models/text_model.h"

#include "nn/stored_weights.h"

namespace gradus {
namespace {

std::variant<Gpt, Llama> built(const TextConfig& config, Initialiser init) {
    if (const auto* gpt = std::get_if<GptConfig>(&config)) return Gpt(*gpt, init);
    return Llama(std::get<LlamaConfig>(config), init);
}

}  // namespace

TextModel::TextModel(const TextConfig& config, Initialiser init) : any(built(config, init)) {}

Variable TextModel::operator()(const Tokens& ids) const {
    return std::visit([&](const auto& model) { return model(ids); }, any);
}

TextConfig TextModel::config() const {
    return std::visit([](const auto& model) { return TextConfig(model.config); }, any);
}
Index TextModel::layers() const {
    return std::visit([](const auto& model) { return model.config.layers; }, any);
}
Index TextModel::heads() const {
    return std::visit([](const auto& model) { return model.config.heads; }, any);
}
Index TextModel::width() const {
    return std::visit([](const auto& model) { return model.config.width; }, any);
}
Index TextModel::context() const {
    return context_of(config());
}
Index TextModel::vocabulary() const {
    return vocabulary_of(config());
}

Tensor TextModel::embeddings(const std::vector<int>& ids) const {
    const NoGrad guard;
    const Tokens list({static_cast<Index>(ids.size())}, ids);
    return std::visit([&](const auto& model) { return model.token(list).value(); }, any);
}

void TextModel::quantise() {
    if (auto* gpt = std::get_if<Gpt>(&any))
        gpt->quantise();
    else
        store_weights(std::get<Llama>(any), WeightFormat::int8);
}

Index context_of(const TextConfig& config) {
    return std::visit([](const auto& c) { return c.context; }, config);
}
Index vocabulary_of(const TextConfig& config) {
    return std::visit([](const auto& c) { return c.vocabulary; }, config);
}
Index parameter_count(const TextConfig& config) {
    return std::visit([](const auto& c) { return c.parameter_count(); }, config);
}
void validate(const TextConfig& config) {
    std::visit([](const auto& c) { c.validate(); }, config);
}
double flops_per_token(const TextConfig& config) {
    return std::visit([](const auto& c) { return c.flops_per_token(); }, config);
}
std::vector<Field> fields_of(TextConfig& config) {
    return std::visit([](auto& c) { return fields_of(c); }, config);
}
std::string architecture_of(const TextConfig& config) {
    return std::holds_alternative<GptConfig>(config) ? "gpt" : "llama";
}

}  // namespace gradus
