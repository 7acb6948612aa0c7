// SPDX-License-Identifier: MIT
#include "nn/train/trainer_options.h"

#include <cmath>

#include <fmt/ranges.h>

#include "nn/text/near_names.h"
#include "nn/train/lion.h"
#include "nn/train/muon.h"

namespace gradus {
namespace {

[[noreturn]] void refuse(const char* what, const std::string& name,
                         const std::vector<std::string>& known) {
    const auto near = near_names(name, known, 1);
    throw std::invalid_argument(fmt::format(
        "trainer: {} \"{}\" is not known; there are {}{}", what, name, fmt::join(known, ", "),
        near.empty() ? "" : " (did you mean " + near[0] + "?)"));
}

}  // namespace

std::unique_ptr<Optimiser> make_optimiser(std::vector<NamedParameter> parameters,
                                          const TrainerOptions& options,
                                          const ParameterGroups& groups) {
    const std::string& name = options.optimiser;
    const AdamWOptions& adamw = options.adamw;
    const auto momentum = static_cast<Real>(options.momentum);
    require(momentum >= 0 && momentum < 1, "trainer: momentum {}, must be from 0 to below 1",
            options.momentum);
    for (const auto& [what, beta] : {std::pair{"beta1", adamw.beta1}, {"beta2", adamw.beta2}})
        require(beta >= 0 && beta < 1, "trainer: {} {}, must be from 0 to below 1", what, beta);
    require(std::isfinite(adamw.eps) && adamw.eps >= 0, "trainer: eps {}, must be 0 or above",
            adamw.eps);
    if (name == "adamw") return std::make_unique<AdamW>(std::move(parameters), adamw, groups);
    if (name == "sgd")
        return std::make_unique<Sgd>(std::move(parameters), momentum, adamw.decay, groups);
    if (name == "lion")
        return std::make_unique<Lion>(
            std::move(parameters),
            LionOptions{.beta1 = adamw.beta1, .beta2 = adamw.beta2, .decay = adamw.decay}, groups);
    if (name == "muon")
        return std::make_unique<Muon>(std::move(parameters),
                                      MuonOptions{.momentum = momentum, .adamw = adamw}, groups);
    refuse("optimiser", name, {"adamw", "sgd", "lion", "muon"});
}

Schedule make_schedule(const TrainerOptions& o) {
    require(o.cooldown >= 0 && o.cooldown <= 1, "trainer: cooldown {}, must be from 0 to 1",
            o.cooldown);
    require(std::isfinite(o.lr) && o.lr > 0,
            "trainer: learning rate {}, must be above 0 and finite", o.lr);
    require(std::isfinite(o.min_lr) && o.min_lr >= 0, "trainer: min lr {}, must be 0 or above",
            o.min_lr);
    if (o.schedule == "cosine") return WarmupCosine{o.steps, o.warmup, o.lr, o.min_lr};
    if (o.schedule == "constant") return Constant{o.warmup, o.lr};
    if (o.schedule == "wsd")
        return WarmupStableDecay{o.steps, o.warmup, o.lr, o.min_lr, o.cooldown};
    refuse("schedule", o.schedule, {"cosine", "constant", "wsd"});
}

}  // namespace gradus
