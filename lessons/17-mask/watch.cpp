// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_17 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().mask_future, own.mask_future, [](Real*, Index T) {
        return Arrays{{0, T * T}};
    });
    // No run calls it but from causal_attention: here is a call.
    std::vector<Real> scores(25, Real(0.5));
    part().mask_future(scores.data(), 5);
    w.arrays(part().causal_attention, own.causal_attention,
             [](Real*, Real*, const Real*, const Real*, const Real*, Index T, Index, Index VS) {
                 return Arrays{{0, T * VS}, {1, T * T}};
             });
});

}  // namespace
}  // namespace gradus::lesson_17
