// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_16 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().attention_scores, own.attention_scores,
             [](Real*, const Real*, const Real*, Index Tq, Index Tk, Index) {
                 return Arrays{{0, Tq * Tk}};
             });
    w.arrays(part().mix, own.mix, [](Real*, const Real*, const Real*, Index Tq, Index, Index VS) {
        return Arrays{{0, Tq * VS}};
    });
    w.arrays(part().attention, own.attention,
             [](Real*, Real*, const Real*, const Real*, const Real*, Index Tq, Index Tk, Index,
                Index VS) {
                 return Arrays{{0, Tq * VS}, {1, Tq * Tk}};
             });
});

}  // namespace
}  // namespace gradus::lesson_16
