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

Optimiser::Optimiser(std::vector<NamedParameter> parameters, Real decay,
                     const ParameterGroups& groups)
    : parameters_(std::move(parameters)) {
    for (const auto& p : parameters_)
        slots_.push_back(
            {.settings = settings_of(p, decay, groups), .frozen = !p.variable.requires_grad()});
}

void Optimiser::remember(const std::string& name, const ParameterPredicate& which) {
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        if (slots_[i].frozen || (which && !which(parameters_[i]))) continue;
        slots_[i].names.push_back(parameters_[i].name + "." + name);
        slots_[i].state.emplace_back(parameters_[i].variable.shape());
    }
}

void Optimiser::step(Real lr, Real grad_scale, UpdateSize* size) {
    ++steps_;
    for (std::size_t i = 0; i < parameters_.size(); ++i) {
        const Variable& w = parameters_[i].variable;
        const Slot& slot = slots_[i];
        if (!w.requires_grad()) continue;
        if (!w.has_grad()) {
            if (size) size->weights += sum_squares(w.value());
            continue;
        }
        require(!slot.frozen,
                "optimiser: {} was frozen when the optimiser was made, and has no "
                "state: make a new one",
                parameters_[i].name);
        const Tensor before = size ? w.value().clone() : Tensor();
        update({.parameter = parameters_[i],
                .w = w.value(),
                .g = w.grad(),
                .state = slot.state,
                .lr = lr * slot.settings.lr_factor,
                .decay = slot.settings.decay,
                .grad_scale = grad_scale,
                .step = steps_});
        if (!size) continue;
        size->weights += sum_squares(w.value());
        add_scaled(before, w.value(), -1);
        size->change += sum_squares(before);
    }
}

void Optimiser::zero_grad() {
    for (const auto& p : parameters_) p.variable.zero_grad();
}

std::vector<NamedParameter> Optimiser::state() const {
    std::vector<NamedParameter> list;
    for (const Slot& slot : slots_)
        for (std::size_t i = 0; i < slot.state.size(); ++i)
            list.push_back({slot.names[i], slot.state[i]});
    return list;
}

Sgd::Sgd(std::vector<NamedParameter> parameters, Real momentum, Real decay,
         const ParameterGroups& groups)
    : Optimiser(std::move(parameters), decay, groups), momentum_(momentum) {
    if (momentum > 0) remember("velocity");
}

void Sgd::update(const Update& u) {
    if (u.decay > 0) add_scaled(u.w, u.w, -u.lr * u.decay);
    sgd_step(u.w, u.grad_scale == 1 ? u.g : u.grad_scale * u.g,
             u.state.empty() ? Tensor() : u.state[0], u.lr, momentum_);
}

AdamW::AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options,
             const ParameterGroups& groups)
    : AdamW(std::move(parameters), options, groups, {}) {}

AdamW::AdamW(std::vector<NamedParameter> parameters, const AdamWOptions& options,
             const ParameterGroups& groups, const ParameterPredicate& which)
    : Optimiser(std::move(parameters), options.decay, groups), options_(options) {
    remember("m", which);
    remember("v", which);
}

void AdamW::update(const Update& u) {
    adamw_step(u.w, u.g, u.state[0], u.state[1],
               {.lr = u.lr,
                .beta1 = options_.beta1,
                .beta2 = options_.beta2,
                .eps = options_.eps,
                .decay = u.decay,
                .step = u.step,
                .grad_scale = u.grad_scale});
}

}  // namespace gradus
