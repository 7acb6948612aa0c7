// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_11 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().adamw_step, own.adamw_step,
             [](Real*, const Real*, Real*, Real*, Real, Real, Real, Real, Real, Index, Index n) {
                 return Arrays{{0, n}, {2, n}, {3, n}};
             });
});

}  // namespace
}  // namespace gradus::lesson_11
