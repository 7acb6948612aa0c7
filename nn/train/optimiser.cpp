// SPDX-License-Identifier: MIT
#include "nn/train/optimiser.h"

#include <cmath>

#include "tensor/elementwise.h"
#include "tensor/optimiser.h"
#include "tensor/reduce.h"

namespace gradus {

double gradient_norm(const std::vector<NamedParameter>& parameters) {
    double sum = 0;
    for (const auto& p : parameters)
        if (p.variable.has_grad()) sum += sum_squares(p.variable.grad());
    return std::sqrt(sum);
}

Sgd::Sgd(std::vector<NamedParameter> parameters, Real momentum)
    : parameters_(std::move(parameters)), momentum_(momentum) {
    for (const auto& p : parameters_)
        velocity_.push_back(momentum > 0 ? Tensor(p.variable.shape()) : Tensor());
}

void Sgd::step(Real lr) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Variable& w = parameters_[i].variable;
        if (w.has_grad()) sgd_step(w.value(), w.grad(), velocity_[i], lr, momentum_);
    }
}

void Sgd::zero_grad() {
    for (const auto& p : parameters_) p.variable.zero_grad();
}

AdamW::AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options)
    : parameters_(std::move(parameters)), options_(options) {
    for (const auto& p : parameters_) {
        m_.emplace_back(p.variable.shape());
        v_.emplace_back(p.variable.shape());
    }
}

void AdamW::step(Real lr, Real grad_scale, UpdateSize* size) {
    ++steps_;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Variable& w = parameters_[i].variable;
        if (!w.has_grad()) {
            if (size) size->weights += sum_squares(w.value());
            continue;
        }
        const Tensor before = size ? w.value().clone() : Tensor();
        adamw_step(w.value(), w.grad(), m_[i], v_[i],
                   {.lr = lr,
                    .beta1 = options_.beta1,
                    .beta2 = options_.beta2,
                    .eps = options_.eps,
                    .decay = w.shape().rank() >= 2 ? options_.decay : 0,
                    .step = steps_,
                    .grad_scale = grad_scale});
        if (!size) continue;
        size->weights += sum_squares(w.value());
        add_scaled(before, w.value(), -1);
        size->change += sum_squares(before);
    }
}

void AdamW::zero_grad() {
    for (const auto& p : parameters_) p.variable.zero_grad();
}

std::vector<NamedParameter> AdamW::state() const {
    std::vector<NamedParameter> list;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        list.push_back({parameters_[i].name + ".m", m_[i]});
        list.push_back({parameters_[i].name + ".v", v_[i]});
    }
    return list;
}

}  // namespace gradus
