// SPDX-License-Identifier: MIT
// Shared by the tests for nn/: random tokens, batches of stories, and a mutant that every causality
// test must catch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "nn/data/batch.h"
#include "nn/data/text_source.h"
#include "nn/models/gpt.h"
#include "tensor/ops.h"
#include "tests/tensors.h"

namespace gradus {

inline Tokens random_tokens(const Shape& shape, Index V, std::uint64_t seed) {
    Random random(seed);
    std::vector<int> ids(static_cast<std::size_t>(shape.count()));
    for (int& id : ids) id = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return {shape, ids};
}

template <Module M>
std::vector<Tensor> copy_parameters(M& module) {
    std::vector<Tensor> copies;
    for (const auto& p : named_parameters(module)) copies.push_back(p.variable.value().clone());
    return copies;
}

template <Module M>
bool same_parameters(M& module, const std::vector<Tensor>& copies) {
    const auto list = named_parameters(module);
    bool same = list.size() == copies.size();
    for (std::size_t i = 0; same && i < list.size(); ++i)
        same = same_bits(list[i].variable.value(), copies[i]);
    return same;
}

// Scales the weights up from their initial values, so that attention is far from uniform and a
// model's logits depend on the context.
template <Module M>
void amplify(M& module, Real factor) {
    for (const auto& p : named_parameters(module))
        if (p.variable.shape().rank() == 2)
            for (Index i = 0; i < p.variable.value().count(); ++i) p.variable.value()[i] *= factor;
}

// Stories of a text source, batched as the program batches them: batch n holds documents
// n B .. n B + B - 1 of seed 1.
class Stories {
 public:
    explicit Stories(const std::string& name) : source_(text_source(name)) {
        std::string alphabet;
        for (const auto& character : source_->alphabet()) alphabet += character;
        vocabulary_ = Tokenizer::characters(alphabet);
    }
    const TextSource& source() const { return *source_; }
    const Tokenizer& vocabulary() const { return vocabulary_; }
    Index context() const { return source_->max_length(); }
    int start() const { return vocabulary_.encode("\n")[0]; }

    Batch batch(Index number, Index B, Stream stream = Stream::data) const {
        std::vector<std::vector<int>> documents;
        for (Index b = 0; b < B; ++b)
            documents.push_back(vocabulary_.encode(
                source_->document(1, static_cast<std::uint64_t>(number * B + b), stream)));
        return document_batch(documents, start(), context());
    }
    std::vector<Batch> held_out(Index batches, Index B) const {
        std::vector<Batch> list;
        for (Index i = 0; i < batches; ++i) list.push_back(batch(i, B, Stream::validation));
        return list;
    }
    GptConfig config(Index layers, Index heads, Index width, Real dropout = 0) const {
        return {.layers = layers,
                .heads = heads,
                .width = width,
                .context = context(),
                .vocabulary = vocabulary_.size(),
                .dropout = dropout};
    }

 private:
    std::unique_ptr<TextSource> source_;
    Tokenizer vocabulary_;
};

// While a Leak exists, attention sees the future: the causal mask is off, forward and backward.
class Leak {
 public:
    Leak()
        : built_in_{ops().attention_forward.function(), ops().attention_backward.function()},
          forward_(ops().attention_forward, see_all),
          backward_(ops().attention_backward, see_all_backward) {
        current_ = this;
    }

 private:
    static AttentionShape without_mask(AttentionShape shape) {
        shape.after = kUnlimited;
        return shape;
    }
    static void see_all(Real* y, Real* lse, const Real* q, const Real* k, const Real* v,
                        const Real* bias, const AttentionShape& shape) {
        current_->built_in_.forward(y, lse, q, k, v, bias, without_mask(shape));
    }
    static void see_all_backward(Real* dq, Real* dk, Real* dv, Real* dbias, const Real* dy,
                                 const Real* y, const Real* lse, const Real* q, const Real* k,
                                 const Real* v, const Real* bias, const AttentionShape& shape) {
        current_->built_in_.backward(dq, dk, dv, dbias, dy, y, lse, q, k, v, bias,
                                     without_mask(shape));
    }

    struct {
        decltype(Ops::attention_forward)::Function forward;
        decltype(Ops::attention_backward)::Function backward;
    } built_in_;
    ScopedOverride<void(Real*, Real*, const Real*, const Real*, const Real*, const Real*,
                        const AttentionShape&)>
        forward_;
    ScopedOverride<void(Real*, Real*, Real*, Real*, const Real*, const Real*, const Real*,
                        const Real*, const Real*, const Real*, const Real*, const AttentionShape&)>
        backward_;
    inline static Leak* current_ = nullptr;
};

}  // namespace gradus
