// SPDX-License-Identifier: MIT
#include "autograd/variable.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <unordered_map>

#include "tensor/elementwise.h"

namespace gradus {
namespace {

thread_local bool recording = true;
thread_local bool checking = false;
std::atomic<std::uint64_t> next_number{1};
std::atomic<std::uint64_t> next_visit{1};

// "matmul: first nan at element 7 of (2, 8), from (2, 3) and (3, 8)"
void check_finite(const char* op, const Tensor& value, const std::vector<Variable>& inputs) {
    if (all_finite(value)) return;
    const Real* bad = std::find_if_not(value.data(), value.data() + value.count(),
                                       [](Real x) { return std::isfinite(x); });
    std::string origin;
    for (const auto& input : inputs) {
        if (!input.defined()) continue;
        const std::string& name = input.node()->name;
        origin += (origin.empty() ? "" : " and ") + (name.empty() ? "" : name + " ") +
                  to_string(input.shape()) +
                  (all_finite(input.value()) ? "" : " (not finite itself)");
    }
    throw NotFiniteError(fmt::format("{}: first {} at element {} of {}, from {}", op,
                                     std::isnan(*bad) ? "nan" : "infinity", bad - value.data(),
                                     value.shape(), origin.empty() ? "no inputs" : origin));
}

// Called after `node`'s backward: throws if the gradient of an input is not finite.
void check_gradients(const Node& node) {
    for (const auto& input : node.inputs) {
        if (!input.requires_grad() || !input.has_grad() || all_finite(input.grad())) continue;
        const std::string& name = input.node()->name;
        throw NotFiniteError(
            fmt::format("backward of {}: the gradient of its input {}{} is not finite; that of its "
                        "output {} {}",
                        node.op, name.empty() ? "" : name + " ", input.shape(), node.value.shape(),
                        all_finite(node.grad) ? "is" : "is not either"));
    }
}

}  // namespace

NoGrad::NoGrad() : before_(recording) {
    recording = false;
}
NoGrad::~NoGrad() {
    recording = before_;
}
CheckFinite::CheckFinite() : before_(checking) {
    checking = true;
}
CheckFinite::~CheckFinite() {
    checking = before_;
}

inline namespace GRADUS_PRECISION {

// The default destructor would destroy the inputs, which would destroy theirs, with one stack frame
// per node. Here, nodes with no other owner first move their inputs to a single list, so that
// nothing is left to be destroyed recursively.
Node::~Node() {
    std::vector<Variable> doomed = std::move(inputs);
    backward = nullptr;  // it holds handles to the same inputs
    while (!doomed.empty()) {
        const Variable last = std::move(doomed.back());
        doomed.pop_back();
        if (!last.defined() || last.use_count() > 1) continue;
        Node& node = *last.node();
        doomed.insert(doomed.end(), std::make_move_iterator(node.inputs.begin()),
                      std::make_move_iterator(node.inputs.end()));
        node.inputs.clear();
        node.backward = nullptr;
    }
}

Variable::Variable(const Tensor& value, bool requires_grad) : node_(std::make_shared<Node>()) {
    node_->value = value;
    node_->requires_grad = requires_grad;
    node_->number = next_number.fetch_add(1, std::memory_order_relaxed);
}

const Tensor& Variable::undefined() {
    throw std::invalid_argument("variable: undefined, so it has no value");
}

Tensor Variable::grad() const {
    if (!requires_grad()) return {};
    if (!node_->grad.defined()) node_->grad = Tensor(shape());
    if (node_->grad_borrowed && node_->grad.shared()) node_->grad = node_->grad.clone();
    node_->grad_borrowed = false;
    return node_->grad;
}

void Variable::add_grad(const Tensor& dy) const {
    if (!requires_grad()) return;
    if (has_grad()) {
        add_scaled(grad(), dy);
    } else {
        node_->grad = dy;
        node_->grad_borrowed = true;
    }
}

void Variable::zero_grad() const {
    if (!node_) return;
    node_->grad = Tensor();
    node_->grad_borrowed = false;
}

Variable Variable::named(std::string name) const {
    node_->name = std::move(name);
    return *this;
}

Tensor grad_or_scratch(const Variable& x) {
    return x.requires_grad() ? x.grad() : Tensor(x.shape());
}

Variable record(const char* op, const Tensor& value, std::vector<Variable> inputs,
                std::function<void(const Tensor&)> backward) {
    if (checking) check_finite(op, value, inputs);
    Variable result(value, false);
    result.node_->op = op;
    if (recording && std::any_of(inputs.begin(), inputs.end(),
                                 [](const Variable& x) { return x.requires_grad(); })) {
        result.node_->requires_grad = true;
        result.node_->inputs = std::move(inputs);
        result.node_->backward = std::move(backward);
    }
    return result;
}

namespace {

std::atomic<BackwardOrder> backward_order{nullptr};

// `operations` (root first) in the order that `chosen` returns.
std::vector<Variable> ordered(const std::vector<Variable>& operations, BackwardOrder chosen) {
    if (operations.empty()) return {};  // backward() on a leaf
    std::unordered_map<const Node*, Index> index;
    for (const auto& operation : operations)
        index.emplace(operation.node(), static_cast<Index>(index.size()));
    std::vector<std::vector<Index>> inputs(operations.size());
    for (std::size_t i = 0; i < operations.size(); ++i)
        for (const auto& input : operations[i].node()->inputs)
            if (const auto found = index.find(input.node()); found != index.end())
                inputs[i].push_back(found->second);

    const std::vector<Index> order = chosen(0, inputs);
    require(order.size() == operations.size(),
            "backward: the order set by set_backward_order has {} entries for {} operations",
            order.size(), operations.size());
    std::vector<Index> place(operations.size(), -1);
    for (std::size_t at = 0; at < order.size(); ++at) {
        const Index i = order[at];
        require(i >= 0 && i < static_cast<Index>(place.size()),
                "backward: the order set by set_backward_order holds {}, but there are {} "
                "operations",
                i, place.size());
        require(place[i] < 0, "backward: the order set by set_backward_order holds {} twice", i);
        place[i] = static_cast<Index>(at);
    }
    for (std::size_t i = 0; i < inputs.size(); ++i)
        for (const Index input : inputs[i])
            require(place[i] < place[input],
                    "backward: the order set by set_backward_order has {} before {}, which was "
                    "made from it",
                    input, i);

    std::vector<Variable> result;
    for (const Index i : order) result.push_back(operations[i]);
    return result;
}

}  // namespace

BackwardOrder set_backward_order(BackwardOrder order) {
    return backward_order.exchange(order);
}

void Variable::backward(RetainGraph retain) const {
    require(defined() && value().count() == 1,
            "backward: needs exactly one number, shape is {} (take a sum or mean)",
            defined() ? shape() : Shape());
    require(requires_grad(), "backward: nothing that made this value needs a gradient");
    require(!node_->freed,
            "backward: this graph was already walked and freed (use RetainGraph::yes to walk it "
            "twice)");

    // Pass 1: gather every reachable node with a worklist, because recursion would overflow the
    // stack on a long chain.
    const std::uint64_t visit = next_visit.fetch_add(1);
    std::vector<Variable> order, work{*this};
    node_->visit = visit;
    while (!work.empty()) {
        const Variable variable = std::move(work.back());
        work.pop_back();
        for (const auto& input : variable.node_->inputs) {
            if (!input.requires_grad() || input.node_->visit == visit) continue;
            require(!input.node_->freed,
                    "backward: part of this graph ({}) was already walked and freed",
                    input.node_->op);
            input.node_->visit = visit;
            work.push_back(input);
        }
        if (variable.node_->backward) {
            variable.node_->grad = Tensor();  // may be left over from RetainGraph::yes
            order.push_back(variable);
        }
    }

    // Pass 2: newest first. Inputs are older than their results, so every gradient is complete
    // before it is passed on.
    if (const BackwardOrder chosen = backward_order.load())
        order = ordered(order, chosen);
    else
        std::sort(order.begin(), order.end(), [](const Variable& a, const Variable& b) {
            return a.node_->number > b.node_->number;
        });
    *grad().data() += 1;  // dThis/dThis
    for (auto& variable : order) {
        Node& node = *variable.node_;
        if (node.grad.defined()) {  // undefined: no gradient reached this node
            node.backward(node.grad);
            if (checking) check_gradients(node);
        }
        if (retain == RetainGraph::no) {
            node.backward = nullptr;
            node.inputs.clear();
            node.grad = Tensor();
            node.freed = true;
            // The last handle, unless the user holds one: the activations are freed now.
            variable = Variable();
        }
    }
}

}  // namespace GRADUS_PRECISION
}  // namespace gradus
