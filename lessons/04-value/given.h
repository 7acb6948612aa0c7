// SPDX-License-Identifier: MIT
// What lesson 04 gives: Value, a number that remembers how it was made, and backward(), which walks
// that memory from the end to the start.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "lessons/learn.h"

namespace gradus::lessons {

// A handle: copies of a Value are the same number, with the same gradient.
class Value {
 public:
    // A number that was not computed: an input, a weight.
    Value(Real number);
    // A number that was. `inputs` are the numbers it was computed from. backward() calls `hand_on`
    // with dy, the gradient of this number; it adds to the gradients of the inputs.
    Value(Real number, const char* operation, std::vector<Value> inputs,
          std::function<void(Real dy)> hand_on);

    Real data() const { return cell_->data; }   // the number
    Real& grad() const { return cell_->grad; }  // its gradient: 0 at first; may be written to
    const std::vector<Value>& inputs() const { return cell_->inputs; }
    void hand_on(Real dy) const {
        if (cell_->hand_on) cell_->hand_on(dy);
    }

    // For walks and pictures.
    Index number() const { return cell_->number; }  // the first ever made is 1, the next 2, ...
    Value named(const char* name) const;            // sets the name, returns the same number
    const std::string& name() const { return cell_->name; }  // else the operation's

 private:
    struct Cell {
        Real data, grad = 0;
        std::string name;
        std::vector<Value> inputs;
        std::function<void(Real)> hand_on;
        Index number;
        ~Cell();  // without recursion: a chain of any length can be forgotten
    };
    std::shared_ptr<Cell> cell_;
};

Value operator+(const Value& a, const Value& b);  // calls your add
Value operator*(const Value& a, const Value& b);  // calls your mul

// Everything y was made of, each once: y first, then newest to oldest. (The map is sorted by
// number, the largest first. An input is always older than what was made of it, so it lands behind
// the place where the loop is.)
inline std::vector<Value> history(const Value& y) {
    std::map<Index, Value, std::greater<>> found = {{y.number(), y}};
    std::vector<Value> newest_first;
    for (const auto& [number, value] : found) {
        newest_first.push_back(value);
        for (const Value& input : value.inputs()) found.emplace(input.number(), input);
    }
    return newest_first;
}

// Afterwards v.grad() is dy/dv, for every v that y was made of.
inline void backward(const Value& y) {
    const std::vector<Value> newest_first = history(y);
    for (const Value& v : newest_first) v.grad() = 0;
    y.grad() = 1;
    for (const Value& v : newest_first) v.hand_on(v.grad());
}

}  // namespace gradus::lessons

using gradus::lessons::backward;
using gradus::lessons::Value;
