// SPDX-License-Identifier: MIT
// Value, as far as it is not in given.h; linked into every lesson that computes with Values
// ("uses: 04").
#include "lessons/check/part.h"

namespace gradus::lessons {
namespace {

Index next_number() {
    static Index last = 0;
    return ++last;
}

}  // namespace

Value::Value(Real number) : Value(number, "", {}, nullptr) {}

Value::Value(Real number, const char* operation, std::vector<Value> inputs,
             std::function<void(Real dy)> hand_on)
    : cell_(std::make_shared<Cell>()) {
    cell_->data = number;
    cell_->name = operation;
    cell_->inputs = std::move(inputs);
    cell_->hand_on = std::move(hand_on);
    cell_->number = next_number();
}

Value Value::named(const char* name) const {
    cell_->name = name;
    return *this;
}

// The cells that nobody else holds give their inputs to one list first, and die with nothing left
// to destroy.
Value::Cell::~Cell() {
    std::vector<Value> doomed = std::move(inputs);
    hand_on = nullptr;  // it holds the same inputs once more
    while (!doomed.empty()) {
        const Value last = std::move(doomed.back());
        doomed.pop_back();
        if (!last.cell_ || last.cell_.use_count() > 1) continue;
        Cell& cell = *last.cell_;
        doomed.insert(doomed.end(), std::make_move_iterator(cell.inputs.begin()),
                      std::make_move_iterator(cell.inputs.end()));
        cell.inputs.clear();
        cell.hand_on = nullptr;
    }
}

Value operator+(const Value& a, const Value& b) {
    return lesson_04::part().add(a, b);
}
Value operator*(const Value& a, const Value& b) {
    return lesson_04::part().mul(a, b);
}

}  // namespace gradus::lessons
