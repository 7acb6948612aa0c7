// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "lessons/check/part.h"

namespace gradus::lesson_10 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    const auto reference = part().make_linear.body();
    part().make_linear = [&w, reference, own](Index in, Index out, Initialiser& init) {
        Initialiser same = init;
        const AnyLinear expected = reference(in, out, init);
        w.runs("Linear", [&] {
            const AnyLinear yours = own.make_linear(in, out, same);
            const auto a = yours.parameters(), b = expected.parameters();
            w.check("Linear", {static_cast<Real>(a.size())}, {static_cast<Real>(b.size())});
            for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
                w.check("Linear", w.numbers_of(a[i].variable), w.numbers_of(b[i].variable));
                w.check("Linear", {static_cast<Real>(a[i].variable.requires_grad())}, {1});
                // The bias is 0 at first, when it tells nothing.
                b[i].variable.value().copy_from(Tensor::normal(b[i].variable.shape(), 1, 2));
                a[i].variable.value().copy_from(b[i].variable.value());
            }
            const NoGrad guard;
            const Variable x = Tensor::normal({3, in}, 1, 1);
            w.check("Linear", w.numbers_of(yours.forward(x)), w.numbers_of(expected.forward(x)));
        });
        return expected;
    };
});

}  // namespace
}  // namespace gradus::lesson_10
