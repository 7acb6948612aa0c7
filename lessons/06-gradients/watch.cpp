// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_06 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().gelu_forward, own.gelu_forward, [](Real*, const Real*, Index n) {
        return Arrays{{0, n}};
    });
    w.arrays(part().gelu_backward, own.gelu_backward, [](Real*, const Real*, const Real*, Index n) {
        return Arrays{{0, n}};
    });
    w.arrays(part().softmax_backward, own.softmax_backward,
             [](Real*, const Real*, const Real*, Index rows, Index cols) {
                 return Arrays{{0, rows * cols}};
             });
});

}  // namespace
}  // namespace gradus::lesson_06
