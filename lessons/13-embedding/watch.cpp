// SPDX-License-Identifier: MIT
#include "lessons/mine/watch.h"
#include "autograd/elementwise.h"
#include "autograd/reduce.h"
#include "autograd/shape.h"
#include "lessons/check/part.h"

namespace gradus::lesson_13 {
namespace {

using namespace lessons;

const Watched watched(GRADUS_LESSON_NAME, part, [](Watcher& w, const Part& own) {
    const Part theirs = part();
    part().embedding = [&w, own, theirs](const Variable& table, const Tokens& ids) {
        const Index n = ids.count(), V = table.size(0), C = table.size(1);
        const Tensor dy = Tensor::normal({n, C}, 1, 1);
        const auto forward = [&](const Part& functions) {
            Tensor y = Tensor::full({n, C}, 7);
            functions.embedding_forward(y.data(), table.value().data(), ids.id.data(), n, C);
            return y.to_vector();
        };
        const auto backward = [&](const Part& functions) {
            Tensor dtable = Tensor::full({V, C}, 7);
            functions.embedding_backward(dtable.data(), dy.data(), ids.id.data(), n, C, V);
            return dtable.to_vector();
        };
        const auto graph = [&](const Part& functions) {
            const Variable leaf = parameter(table.value().clone());
            leaf.add_grad(Tensor::full({V, C}, 7));
            const Variable y = functions.embedding(leaf, ids);
            sum(reshape(y, {n, C}) * Variable(dy)).backward();
            std::vector<Real> all = y.value().to_vector();
            for (const Index size : y.shape()) all.push_back(static_cast<Real>(size));
            for (const Real x : leaf.grad().to_vector()) all.push_back(x);
            return all;
        };
        w.runs("embedding_forward",
               [&] { w.check("embedding_forward", forward(own), forward(theirs)); });
        w.runs("embedding_backward",
               [&] { w.check("embedding_backward", backward(own), backward(theirs)); });
        w.runs("embedding", [&] { w.check("embedding", graph(own), graph(theirs)); });
        return theirs.embedding(table, ids);
    };
});

}  // namespace
}  // namespace gradus::lesson_13
