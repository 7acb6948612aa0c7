// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_19 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().layer_norm_forward, own.layer_norm_forward,
             [](Real*, Real*, Real*, const Real*, const Real*, const Real*, Real, Index rows,
                Index cols) {
                 return Arrays{{0, rows * cols}, {1, rows}, {2, rows}};
             });
    w.arrays(part().layer_norm_backward, own.layer_norm_backward,
             [](Real*, Real*, Real*, const Real*, const Real*, const Real*, const Real*,
                const Real*, Index rows, Index cols) {
                 return Arrays{{0, rows * cols}, {1, cols}, {2, cols}};
             });
});

}  // namespace
}  // namespace gradus::lesson_19
