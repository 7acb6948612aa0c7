// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_07 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().sum_backward, own.sum_backward,
             [](Real*, const Real*, Index outer, Index n, Index inner) {
                 return Arrays{{0, outer * n * inner}};
             });
});

}  // namespace
}  // namespace gradus::lesson_07
