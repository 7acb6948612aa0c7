// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_18 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    const auto all = [](Real*, const Real*, Index T, Index NH, Index HS) {
        return Arrays{{0, T * NH * HS}};
    };
    w.arrays(part().split_heads, own.split_heads, all);
    w.arrays(part().merge_heads, own.merge_heads, all);
    w.arrays(part().multi_head, own.multi_head,
             [](Real*, Real*, const Real*, const Real*, const Real*, Index T, Index NH, Index HS) {
                 return Arrays{{0, T * NH * HS}, {1, NH * T * T}};
             });
    w.arrays(part().mix_backward, own.mix_backward,
             [](Real*, Real*, const Real*, const Real*, const Real*, Index Tq, Index Tk, Index VS) {
                 return Arrays{{0, Tq * Tk}, {1, Tk * VS}};
             });
    w.arrays(part().scores_backward, own.scores_backward,
             [](Real*, Real*, const Real*, const Real*, const Real*, Index Tq, Index Tk, Index HS) {
                 return Arrays{{0, Tq * HS}, {1, Tk * HS}};
             });
    // No run calls these two but from attention_backward: here are calls, for 3 queries, 7 keys and
    // vectors of 5 numbers.
    const auto random = [](Index n, std::uint64_t seed) { return Tensor::normal({n}, 1, seed); };
    const Tensor p = random(21, 1), dp = random(21, 2), q = random(15, 3), dq = random(15, 4),
                 k = random(35, 5), dk = random(35, 6);
    part().mix_backward(dp.data(), dk.data(), q.data(), p.data(), k.data(), 3, 7, 5);
    part().scores_backward(dq.data(), dk.data(), p.data(), q.data(), k.data(), 3, 7, 5);
    w.arrays(part().attention_backward, own.attention_backward,
             [](Real*, Real*, Real*, const Real*, const Real*, const Real*, const Real*,
                const Real*, Index Tq, Index Tk, Index HS, Index VS) {
                 return Arrays{{0, Tq * HS}, {1, Tk * HS}, {2, Tk * VS}};
             });
});

}  // namespace
}  // namespace gradus::lesson_18
