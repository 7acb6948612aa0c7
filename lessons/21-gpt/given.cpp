// SPDX-License-Identifier: MIT
#include "lessons/21-gpt/given.h"

#include <algorithm>
#include <memory>

#include "autograd/attention.h"
#include "autograd/layer_norm.h"
#include "lessons/21-gpt/yours.h"
#include "lessons/check/part.h"

namespace gradus::lessons {

GptLayer::GptLayer(Index in, Index out, Initialiser& init)
    : layer_(std::make_shared<Layer>(in, out, init)) {
    weight = layer_->weight;
    bias = layer_->bias;
}
GptLayer::GptLayer(const GptLayer& other) = default;
GptLayer::GptLayer(GptLayer&& other) noexcept = default;
GptLayer& GptLayer::operator=(const GptLayer& other) = default;
GptLayer::~GptLayer() = default;
Variable GptLayer::operator()(const Variable& x) const {
    return (*layer_)(x);
}

Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias) {
    return gradus::layer_norm(x, gain, bias);
}
Variable causal_attention(const Variable& qkv, Index NH) {
    return gradus::attention(qkv, {.heads = NH});
}
Variable scores_of(const Variable& x, const Variable& table) {
    return matmul(x, table, Transpose::yes);
}

Visit::Visit(const Visit& outer, std::string_view name)
    : list_(outer.list_), prefix_(outer.prefix_ + std::string(name) + '.') {}
void Visit::add(std::string_view name, const Variable& variable) {
    const bool known = std::any_of(list_.begin(), list_.end(), [&](const NamedParameter& p) {
        return p.variable.node() == variable.node();
    });
    if (variable.defined() && !known) list_.push_back({prefix_ + std::string(name), variable});
}

namespace {

template <class Any, class Input>
Any keep_as(KeptModule<Input>* module) {
    const std::shared_ptr<KeptModule<Input>> kept(module);
    return {[kept](const Input& x) { return kept->forward(x); },
            [kept] {
                std::vector<NamedParameter> list;
                Visit visit(list);
                kept->parameters(visit);
                return list;
            }};
}

}  // namespace

AnyModule keep(KeptModule<Variable>* module) {
    return keep_as<AnyModule>(module);
}
AnyGpt keep(KeptModule<Tokens>* module) {
    return keep_as<AnyGpt>(module);
}

AnyGpt your_gpt(const Sizes& sizes, std::uint64_t seed) {
    Initialiser any(seed), first(seed);
    const AnyGpt gpt = lesson_21::part().make_gpt(sizes, any);
    lesson_21::part().first_weights(gpt.parameters(), sizes.layers, first);
    return gpt;
}

}  // namespace gradus::lessons
