// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_15 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    const Part theirs = part();
    const auto numbers = [](const Merges& merges) {
        std::vector<int> all;
        for (const auto& [left, right] : merges) all.push_back(left), all.push_back(right);
        return Watcher::numbers_of(all);
    };
    part().train = [&w, own, theirs, numbers](const std::string& text, int n) {
        const auto of = [](const std::vector<int>& x) { return Watcher::numbers_of(x); };
        const std::vector<int> bytes = theirs.bytes_of(text);
        w.runs("bytes_of", [&] { w.check("bytes_of", of(own.bytes_of(text)), of(bytes)); });
        // With the pairs of each step: ties, and pairs of merged tokens, come later.
        std::vector<int> ids = bytes;
        const Merges merges = theirs.train(text, n);
        for (std::size_t i = 0; i < merges.size(); ++i) {
            const int id = 256 + static_cast<int>(i);
            w.runs("most_frequent_pair", [&] {
                w.check("most_frequent_pair", numbers({own.most_frequent_pair(ids)}),
                        numbers({merges[i]}));
            });
            const std::vector<int> merged = theirs.merge(ids, merges[i], id);
            w.runs("merge",
                   [&] { w.check("merge", of(own.merge(ids, merges[i], id)), of(merged)); });
            ids = merged;
        }
        w.runs("train", [&] { w.check("train", numbers(own.train(text, n)), numbers(merges)); });
        return merges;
    };
    w.result(part().encode, own.encode);
});

}  // namespace
}  // namespace gradus::lesson_15
