// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_24 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    w.arrays(part().attend, own.attend, [](Real*, const Real*, const Cache&, Index NH, Index HS) {
        return Arrays{{0, NH * HS}};
    });
    // What they add to the caches counts too.
    const auto numbers = [](const std::vector<Cache>& caches) {
        std::vector<Real> all;
        for (const Cache& cache : caches) {
            all.push_back(static_cast<Real>(cache.length));
            all.insert(all.end(), cache.k.begin(), cache.k.end());
            all.insert(all.end(), cache.v.begin(), cache.v.end());
        }
        return all;
    };
    const auto append = part().append.body();
    part().append = [&w, append, own, numbers](Cache& cache, const Real* k, const Real* v,
                                               Index C) {
        Cache copy = cache;
        const bool ran = w.runs("append", [&] { own.append(copy, k, v, C); });
        append(cache, k, v, C);
        if (ran) w.check("append", numbers({copy}), numbers({cache}));
    };
    Cache cache;  // the others call it directly: here are calls
    const Tensor numbers_of_places = Tensor::normal({4, 5}, 1, 1);
    for (Index t = 0; t < 2; ++t)
        part().append(cache, numbers_of_places.data() + t * 10,
                      numbers_of_places.data() + t * 10 + 5, 5);
    const auto read = part().read.body();
    part().read = [&w, read, own, numbers](const GptWeights& gpt, std::vector<Cache>& caches,
                                           const std::vector<int>& ids) {
        std::vector<Cache> copy = caches;
        Tensor yours;
        // One token after another, so that next_scores is told from read.
        std::vector<Cache> stepwise = caches;
        for (const int id : ids) {
            std::vector<Cache> theirs = stepwise;
            const Tensor expected = read(gpt, stepwise, {id});
            Tensor one;
            if (w.runs("next_scores", [&] { one = own.next_scores(gpt, theirs, id); })) {
                w.check("next_scores", one.to_vector(), expected.to_vector());
                w.check("next_scores", numbers(theirs), numbers(stepwise));
            }
        }
        const bool ran = w.runs("read", [&] { yours = own.read(gpt, copy, ids); });
        const Tensor expected = read(gpt, caches, ids);
        if (ran) {
            w.check("read", yours.to_vector(), expected.to_vector());
            w.check("read", numbers(copy), numbers(caches));
        }
        return expected;
    };
});

}  // namespace
}  // namespace gradus::lesson_24
