// SPDX-License-Identifier: MIT
// Sizes and settings, whatever their values: eight bytes for each number of a model and its training.
#include <cmath>
#include <cstring>

#include "nn/models/gpt.h"
#include "nn/train/trainer_options.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader config_reader(
    "config",
    [](std::string_view bytes) {
        GptConfig model;
        TrainerOptions options;
        const auto take = [&](auto& value) {
            if (bytes.size() < sizeof value) return;
            std::memcpy(&value, bytes.data(), sizeof value);
            bytes.remove_prefix(sizeof value);
        };
        take(options.lr), take(options.min_lr), take(options.momentum), take(options.cooldown);
        take(options.steps), take(options.warmup), take(options.adamw.beta1),
            take(options.adamw.eps);
        take(model.layers), take(model.heads), take(model.width), take(model.context);
        take(model.vocabulary), take(model.dropout);
        make_optimiser({}, options);
        if (options.steps >= 0 && options.warmup >= 0) {
            const Schedule schedule = make_schedule(options);
            for (const Index step : {Index{0}, Index{1}, options.steps / 2, options.steps})
                fuzz::check(schedule(step) >= 0, "the learning rate");
        }
        model.validate();
        fuzz::check(model.parameter_count() > 0 && std::isfinite(model.flops_per_token()),
                    "a size");
    },
    {std::string(104, '\0'), std::string(104, '\1')});
