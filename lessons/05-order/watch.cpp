// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_05 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    // Any order is right in which each comes once, the root first, and before all of its inputs.
    const auto reference = part().order.body();
    part().order = [&w, reference, own](Index root, const std::vector<std::vector<Index>>& inputs) {
        const std::vector<Index> expected = reference(root, inputs);
        std::vector<Index> yours;
        if (!w.runs("order", [&] { yours = own.order(root, inputs); })) return expected;
        std::vector<Real> place(inputs.size(), -1);
        for (std::size_t i = 0; i < yours.size(); ++i)
            if (yours[i] >= 0 && yours[i] < std::ssize(inputs))
                place[static_cast<std::size_t>(yours[i])] = static_cast<Real>(i);
        Real wrong = static_cast<Real>(yours.size() != expected.size());
        for (const Index i : expected)
            for (const Index input : inputs[static_cast<std::size_t>(i)])
                wrong += !(place[static_cast<std::size_t>(i)] <
                           place[static_cast<std::size_t>(input)]) ||
                         place[static_cast<std::size_t>(i)] < 0;
        w.check("order", {wrong}, {0});
        return expected;
    };
});

}  // namespace
}  // namespace gradus::lesson_05
