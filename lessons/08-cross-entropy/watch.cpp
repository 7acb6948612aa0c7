// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_08 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().cross_entropy_forward, own.cross_entropy_forward,
             [](Real*, Real*, const Real*, const int*, Index rows, Index) {
                 return Arrays{{0, rows}, {1, rows}};
             });
    w.arrays(part().cross_entropy_backward, own.cross_entropy_backward,
             [](Real*, Real, const Real*, const Real*, const int*, Index rows, Index cols) {
                 return Arrays{{0, rows * cols}};
             });
});

}  // namespace
}  // namespace gradus::lesson_08
