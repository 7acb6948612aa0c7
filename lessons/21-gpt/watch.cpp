// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "autograd/reduce.h"
#include "lessons/check/part.h"

namespace gradus::lesson_21 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    // Each of the four structs beside its twin: the same parameters, given the same numbers, and the
    // same results.
    const auto make_gpt = part().make_gpt.body();
    const Part twin = part();
    part().make_gpt = [&w, make_gpt, own, twin](const Sizes& sizes, Initialiser& init) {
        const Variable x = Tensor::normal({2, 3, sizes.C}, 1, 1);
        Initialiser any(1), same(1);
        const auto compare = [&](const char* name, const auto& yours, const auto& theirs,
                                 const auto& input) {
            const auto a = yours.parameters(), b = theirs.parameters();
            w.check(name, {static_cast<Real>(a.size())}, {static_cast<Real>(b.size())});
            for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
                w.check(name, {static_cast<Real>(a[i].name == b[i].name)}, {1});
                if (a[i].variable.shape() != b[i].variable.shape()) continue;
                // Not the first values: gains of 1 and biases of 0 tell nothing.
                b[i].variable.value().copy_from(
                    Tensor::normal(b[i].variable.shape(), Real(0.5), i + 2));
                a[i].variable.value().copy_from(b[i].variable.value());
            }
            const auto numbers = [&](const auto& module, const auto& parameters) {
                const Variable y = module.forward(input);
                sum(y * Variable(Tensor::normal(y.shape(), 1, 1))).backward();
                std::vector<Real> all = w.numbers_of(y);
                for (const auto& p : parameters)
                    for (const Real number : p.variable.grad().to_vector()) all.push_back(number);
                return all;
            };
            w.check(name, numbers(yours, a), numbers(theirs, b));
        };
        w.runs("Mlp", [&] {
            compare("Mlp", own.make_mlp(sizes.C, any), twin.make_mlp(sizes.C, same), x);
        });
        w.runs("Attention", [&] {
            compare("Attention", own.make_attention(sizes.C, sizes.NH, any),
                    twin.make_attention(sizes.C, sizes.NH, same), x);
        });
        w.runs("Block with its Norm", [&] {
            compare("Block with its Norm", own.make_block(sizes.C, sizes.NH, any),
                    twin.make_block(sizes.C, sizes.NH, same), x);
        });
        w.runs("Gpt", [&] {
            compare("Gpt", own.make_gpt(sizes, any), make_gpt(sizes, same),
                    Tokens({2, 3}, {1, 2, 3, 3, 2, 1}));
        });
        return make_gpt(sizes, init);
    };
    const auto reference = part().first_weights.body();
    part().first_weights = [&w, reference, own](const std::vector<NamedParameter>& parameters,
                                                Index layers, Initialiser& init) {
        const auto numbers = [&] {
            std::vector<Real> all;
            for (const auto& p : parameters)
                for (const Real x : p.variable.value().to_vector()) all.push_back(x);
            return all;
        };
        const Initialiser before = init;
        std::vector<Tensor> values;
        for (const auto& p : parameters) values.push_back(p.variable.value().clone());
        const bool ran =
            w.runs("first_weights", [&] { own.first_weights(parameters, layers, init); });
        const auto yours = numbers();
        init = before;
        for (std::size_t i = 0; i < values.size(); ++i)
            parameters[i].variable.value().copy_from(values[i]);
        reference(parameters, layers, init);
        if (ran) w.check("first_weights", yours, numbers());
    };
});

}  // namespace
}  // namespace gradus::lesson_21
