// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_23 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().soften, own.soften, [](Real*, const Real*, Index V, Real) {
        return Arrays{{0, V}};
    });
    w.arrays(part().top_k, own.top_k, [](Real*, Index V, Index) { return Arrays{{0, V}}; });
    w.arrays(part().top_p, own.top_p, [](Real*, Index V, Real) { return Arrays{{0, V}}; });
    // No run calls these but from token_probabilities: here are calls.
    const Tensor scores = Tensor::normal({9}, 1, 1), p({9});
    for (const Real temperature : {Real(0), Real(0.7)}) {
        part().soften(p.data(), scores.data(), 9, temperature);
        const Tensor once = p.clone(), again = p.clone();
        part().top_k(once.data(), 9, 4);
        part().top_p(again.data(), 9, Real(0.8));
    }
    w.arrays(part().token_probabilities, own.token_probabilities,
             [](Real*, const Real*, Index V, const Settings&) {
                 return Arrays{{0, V}};
             });
    for (const Settings& settings : {Settings{}, Settings{Real(0.8), 4, Real(0.9)},
                                     Settings{Real(0.5), 0, Real(0.7)}, Settings{0, 3, 1}})
        part().token_probabilities(p.data(), scores.data(), 9, settings);
    // The learner's loop is given the same random numbers, and a few more if it asks for them.
    const auto write = part().write.body();
    part().write = [&w, write, own](const Next& next, std::vector<int> ids, Index n, int end,
                                    const Settings& settings, const Uniform& uniform) {
        std::vector<Real> drawn;
        const auto expected = write(next, ids, n, end, settings, [&] {
            drawn.push_back(uniform());
            return drawn.back();
        });
        std::size_t at = 0;
        w.runs("write", [&] {
            const auto yours = own.write(next, ids, n, end, settings, [&] {
                return at < drawn.size() ? drawn[at++] : Real(0.5);
            });
            w.check("write", w.numbers_of(yours), w.numbers_of(expected));
        });
        return expected;
    };
});

}  // namespace
}  // namespace gradus::lesson_23
