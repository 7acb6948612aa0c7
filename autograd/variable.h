// SPDX-License-Identifier: MIT
// Variable: a tensor that remembers how it was made, and backward(), which walks that history in
// reverse (reverse-mode automatic differentiation: Linnainmaa 1970; survey: Baydin et al. 2018,
// arXiv:1502.05767).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

class Variable;

// One vertex of the graph: a value and, unless it is a leaf, the function that passes its gradient
// on to its inputs.
struct Node {
    Tensor value;
    Tensor grad;                 // dLoss/dvalue; allocated when first used
    bool grad_borrowed = false;  // grad may be shared with another node: copy before adding
    bool requires_grad = false;
    std::uint64_t number = 0;  // order of creation: inputs always have smaller numbers
    const char* op = "leaf";
    std::string name;  // shown in graphs and error messages; usually empty
    std::vector<Variable> inputs;
    // Adds into the inputs' gradients; empty for leaves.
    std::function<void(const Tensor& dy)> backward;
    bool freed = false;       // backward() has freed the graph that led to this node
    std::uint64_t visit = 0;  // the last walk that reached this node

    Node() = default;
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node();  // not recursive: a chain of a million nodes is destroyed in constant stack space
};

// no: backward() keeps only the gradients of leaves and frees everything else as it goes. yes: the
// graph and every gradient are kept, to draw them or for another backward() (retain_graph in
// PyTorch).
enum class RetainGraph { no, yes };

// A shared handle to a node. Copies refer to the same variable.
class Variable {
 public:
    Variable() = default;  // undefined: an optional input that is absent
    // A constant; implicit, so that x * tensor works.
    Variable(const Tensor& value) : Variable(value, false) {}
    Variable(const Tensor& value, bool requires_grad);

    bool defined() const { return node_ != nullptr; }
    // These four throw std::invalid_argument if the variable is undefined.
    const Tensor& value() const { return node_ ? node_->value : undefined(); }
    const Shape& shape() const { return value().shape(); }
    Index size(int axis) const { return value().size(axis); }
    Real item() const { return value().item(); }  // throws unless it has exactly one element

    bool requires_grad() const { return node_ && node_->requires_grad; }
    // The gradient: zeros if nothing has arrived yet, undefined if the variable needs none.
    // Backward functions take an undefined gradient to mean "do not compute".
    Tensor grad() const;
    // grad() += dy, which has this variable's shape. The first dy is shared, not copied: in a
    // residual stream, both branches of a sum receive the same gradient, and sharing it saves
    // zeroing a buffer and adding to it.
    void add_grad(const Tensor& dy) const;
    bool has_grad() const { return node_ && node_->grad.defined(); }
    void zero_grad() const;  // the next gradient starts from zero

    // Adds dThis/dp to the gradient of every parameter p that this variable was made from. The
    // variable must have exactly one element. Throws if requires_grad() is false, or if an earlier
    // backward() freed the graph.
    void backward(RetainGraph retain = RetainGraph::no) const;

    // Sets the name shown in graphs and error messages; returns the same variable.
    Variable named(std::string name) const;
    Node* node() const { return node_.get(); }
    long use_count() const { return node_.use_count(); }

 private:
    friend Variable record(const char*, const Tensor&, std::vector<Variable>,
                           std::function<void(const Tensor&)>);
    [[noreturn]] static const Tensor& undefined();
    std::shared_ptr<Node> node_;
};

// A leaf to be trained: it needs a gradient.
inline Variable parameter(const Tensor& value) {
    return Variable(value, true);
}

// x's gradient or, if x needs none, zeros to be thrown away: for backward functions that cannot skip
// an input.
Tensor grad_or_scratch(const Variable& x);

// Makes the result of an operation. `backward` receives dLoss/dvalue and adds into the inputs'
// grad(). It must not capture the result itself (a reference cycle, hence a memory leak), but may
// capture its tensor. If no input needs a gradient, or under NoGrad, only the value is kept.
Variable record(const char* op, const Tensor& value, std::vector<Variable> inputs,
                std::function<void(const Tensor& dy)> backward);

// A function that chooses the order of the backward walk. inputs[i] lists the operations whose
// results operation i takes as inputs (excluding parameters and constants; an operation used twice
// is listed twice). Returns every operation once, root first, each before all of its inputs. The
// indices say nothing about the order of creation.
using BackwardOrder = std::vector<Index> (*)(Index root,
                                             const std::vector<std::vector<Index>>& inputs);

// Makes backward() walk in this order from now on, in every thread; null, the default, means newest
// first, without building these lists. Returns the previous setting. backward() throws
// std::invalid_argument if an order breaks the rule above. Where a gradient is the sum of three or
// more terms, another order may add them in a different sequence, so its last bits may differ.
BackwardOrder set_backward_order(BackwardOrder order);

}  // namespace GRADUS_PRECISION

// While a NoGrad exists, operations on its thread record no history: for evaluation and sampling.
class NoGrad {
 public:
    NoGrad();
    ~NoGrad();
    NoGrad(const NoGrad&) = delete;
    NoGrad& operator=(const NoGrad&) = delete;

 private:
    bool before_;
};

// While a CheckFinite exists, its thread checks every value it records and every gradient that
// backward() passes on; the first NaN or infinity throws NotFiniteError, naming the operation and
// its inputs. This costs a pass over each value, so use it for debugging, not for training.
class CheckFinite {
 public:
    CheckFinite();
    ~CheckFinite();
    CheckFinite(const CheckFinite&) = delete;
    CheckFinite& operator=(const CheckFinite&) = delete;

 private:
    bool before_;
};

}  // namespace gradus
