// SPDX-License-Identifier: MIT
#include "nn/train/lion.h"

#include "tensor/optimiser.h"

namespace gradus {

Lion::Lion(std::vector<NamedParameter> parameters, const LionOptions& options,
           const ParameterGroups& groups)
    : Optimiser(std::move(parameters), options.decay, groups), options_(options) {
    remember("m");
}

void Lion::update(const Update& u) {
    lion_step(u.w, u.g, u.state[0],
              {.lr = u.lr,
               .beta1 = options_.beta1,
               .beta2 = options_.beta2,
               .decay = u.decay,
               .grad_scale = u.grad_scale});
}

}  // namespace gradus
