// SPDX-License-Identifier: MIT
#include "nn/look.h"

#include <cmath>

#include "tensor/attention.h"
#include "tensor/softmax.h"

namespace gradus {
namespace {

double root_mean_square(const Tensor& x) {
    double sum = 0;
    for (Index i = 0; i < x.count(); ++i) sum += double(x[i]) * double(x[i]);
    return std::sqrt(sum / static_cast<double>(x.count()));
}

}  // namespace

std::vector<LayerView> look_inside(const Gpt& model, const std::vector<int>& ids) {
    const NoGrad no_graph;
    const auto T = static_cast<Index>(ids.size());
    Variable x = model.embed(Tokens({1, T}, ids));  // (1, T, C)
    std::vector<LayerView> views;
    for (const auto& block : model.blocks) {
        const Index heads = block.attention.heads;
        const AttentionOptions options{.heads = heads};
        const Variable qkv = block.attention.qkv(block.norm1(x));  // (1, T, 3C)
        x = block(x);
        const Tensor logits = model.token.logits(model.norm(x)).value();  // (1, T, V)
        views.push_back({attention_probabilities(qkv.value(), options).reshape({heads, T, T}),
                         softmax_forward(logits.reshape({T, model.config.vocabulary})),
                         root_mean_square(x.value())});
    }
    return views;
}

std::vector<double> surprises(const std::vector<LayerView>& views, const std::vector<int>& ids) {
    require(!views.empty(), "surprises: no layers to read from");
    const Tensor& p = views.back().lens;  // (T, V)
    require(p.size(0) == static_cast<Index>(ids.size()),
            "surprises: {} tokens, but the views are of a text of {}", ids.size(), p.size(0));
    std::vector<double> nats;
    for (Index t = 0; t + 1 < p.size(0); ++t)
        nats.push_back(
            -std::log(static_cast<double>(p.at(t, ids[static_cast<std::size_t>(t + 1)]))));
    return nats;
}

}  // namespace gradus
