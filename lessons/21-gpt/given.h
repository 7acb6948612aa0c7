// SPDX-License-Identifier: MIT
// Lesson 21, given: the sizes of a GPT, the parts of earlier lessons that it is made of, and how the
// check holds a struct of yours whose type it does not know.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "lessons/10-modules/yours.h"
#include "lessons/13-embedding/yours.h"
#include "lessons/20-positions/yours.h"
#include "lessons/learn.h"
#include "tensor/tokens.h"

namespace gradus::lessons {

struct Sizes {
    Index V;       // vocabulary: how many different tokens
    Index P;       // context: the most places that the model can read
    Index C;       // width: how many numbers stand for a place
    Index NH;      // heads of each attention; C is a multiple of it
    Index layers;  // blocks
};

// A layer: your Linear of lesson 10 or, until that passes, the solution's. x (..., in) -> (..., out).
// A copy has the same numbers, as with a Variable. What is not needed here is in given.cpp: your file
// compiles in half the time.
class GptLayer {
 public:
    GptLayer(Index in, Index out, Initialiser& init);
    GptLayer(const GptLayer& other);
    GptLayer(GptLayer&& other) noexcept;
    GptLayer& operator=(const GptLayer& other);
    ~GptLayer();

    Variable operator()(const Variable& x) const;
    void parameters(auto&& visit) {
        visit("weight", weight);
        visit("bias", bias);
    }

    Variable weight, bias;  // (in, out) and (out)

 private:
    std::shared_ptr<const Layer> layer_;
};

// Your functions of earlier lessons on variables; where one has not passed, ours stands in.
// table (V, C), ids (B, T) -> (B, T, C): lesson 13.
inline Variable embedding(const Variable& table, const Tokens& ids) {
    return your_embedding(table, ids);
}
// x (B, T, C) + the first T rows of table (P, C): lesson 20.
inline Variable add_positions(const Variable& x, const Variable& table) {
    return your_add_positions(x, table, 0);
}
// Each row of x (..., C) normalised, times gain (C), plus bias (C): lesson 19.
Variable layer_norm(const Variable& x, const Variable& gain, const Variable& bias);
// Causal attention of NH heads (lessons 16 to 18): qkv (B, T, 3 C), in each row first the queries of
// all heads, then their keys, then their values -> (B, T, C).
Variable causal_attention(const Variable& qkv, Index NH);
// x (..., C) times the transpose of table (V, C): a score for each token -> (..., V).
Variable scores_of(const Variable& x, const Variable& table);

// What the members of a module are called, and where their numbers are: the `visit` of parameters().
// One type for all modules, at any depth, keeps the answers of this lesson from taking minutes to
// compile.
class Visit {
 public:
    explicit Visit(std::vector<NamedParameter>& list) : list_(list) {}
    template <class Member>
    void operator()(std::string_view name, Member& member) {
        if constexpr (std::is_same_v<std::remove_const_t<Member>, Variable>) {
            add(name, member);
        } else {
            Visit inside(*this, name);
            member.parameters(inside);
        }
    }

 private:
    Visit(const Visit& outer, std::string_view name);
    void add(std::string_view name, const Variable& variable);  // unless it is in the list already

    std::vector<NamedParameter>& list_;
    std::string prefix_;  // "block.0.mlp."
};

// A GPT with its type forgotten: what it computes, and what it consists of.
struct AnyGpt {
    std::function<Variable(const Tokens&)> forward;  // (B, T) -> (B, T, V)
    std::function<std::vector<NamedParameter>()> parameters;
};

// A module of this lesson, kept; what it reads is a Variable or Tokens.
template <class Input>
struct KeptModule {
    virtual ~KeptModule() = default;
    virtual Variable forward(const Input& x) const = 0;
    virtual void parameters(Visit& visit) = 0;
};
AnyModule keep(KeptModule<Variable>* module);  // takes it over
AnyGpt keep(KeptModule<Tokens>* module);
template <class M, class Input>
struct Kept final : KeptModule<Input> {
    explicit Kept(M&& m) : module(std::move(m)) {}
    Variable forward(const Input& x) const override { return module(x); }
    void parameters(Visit& visit) override { module.parameters(visit); }

    M module;
};
template <class M>
AnyModule kept_module(M module) {
    return keep(new Kept<M, Variable>(std::move(module)));
}
template <class M>
AnyGpt kept_gpt(M gpt) {
    return keep(new Kept<M, Tokens>(std::move(gpt)));
}

}  // namespace gradus::lessons

using gradus::Initialiser;
using gradus::NamedParameter;
using gradus::Shape;
using gradus::Tensor;
using gradus::Tokens;
using gradus::Variable;
using gradus::lessons::add_positions;
using gradus::lessons::AnyGpt;
using gradus::lessons::AnyModule;
using gradus::lessons::causal_attention;
using gradus::lessons::embedding;
using gradus::lessons::kept_gpt;
using gradus::lessons::kept_module;
using gradus::lessons::layer_norm;
using gradus::lessons::scores_of;
using gradus::lessons::Sizes;
using Layer = gradus::lessons::GptLayer;
