// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_22 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.result(part().story_batch, own.story_batch);
    w.result(part().loss, own.loss);
    w.result(part().learning_rate, own.learning_rate);
    const auto reference = part().clip_gradients.body();
    part().clip_gradients = [&w, reference, own](const std::vector<Variable>& parameters,
                                                 double limit) {
        const auto numbers = [&](double norm) {
            std::vector<Real> all = {static_cast<Real>(norm)};
            for (const auto& p : parameters)
                for (const Real x : p.grad().to_vector()) all.push_back(x);
            return all;
        };
        std::vector<Tensor> before;
        for (const auto& p : parameters) before.push_back(p.grad().clone());
        std::vector<Real> yours;
        const bool ran = w.runs("clip_gradients",
                                [&] { yours = numbers(own.clip_gradients(parameters, limit)); });
        for (std::size_t i = 0; i < parameters.size(); ++i)
            parameters[i].grad().copy_from(before[i]);
        const double norm = reference(parameters, limit);
        if (ran) w.check("clip_gradients", yours, numbers(norm));
        return norm;
    };
});

}  // namespace
}  // namespace gradus::lesson_22
