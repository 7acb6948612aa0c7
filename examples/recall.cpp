// SPDX-License-Identifier: MIT
// Why one layer of attention is not enough. A row lists pairs of a key and its value, and then asks for
// the value of each key:
//     17 40   3 61  25 33  |  3 -> 61   25 -> 33   17 -> 40
// One layer finds the place of the key, but the answer stands beside it. Two layers can: the first
// writes into each value which key stands before it, the second looks that up (an induction head:
// Elhage et al. 2021; the task: Arora et al. 2023, arXiv:2312.04927).
// To copy ten symbols over a pause, one is enough: where to look is known beforehand (Hochreiter,
// Schmidhuber 1997).
//     ./gradus example recall [STEPS]
#include <cstdlib>

#include "nn/all.h"

using namespace gradus;

constexpr Index kWidth = 64, kRows = 64;

// Layers of attention alone, without MLPs, each added to what it reads.
struct AttentionOnly {
    struct Layer {
        LayerNorm norm{kWidth};
        Linear qkv, gather;

        explicit Layer(Initialiser& init)
            : qkv(kWidth, 3 * kWidth, init), gather(kWidth, kWidth, init) {}
        void parameters(auto&& visit) {
            visit("norm", norm), visit("qkv", qkv), visit("gather", gather);
        }
    };
    Embedding token, position;
    std::vector<Layer> layers;
    LayerNorm norm{kWidth};
    Linear out;

    AttentionOnly(Index V, Index T, Index count, Initialiser init)
        : token(V, kWidth, init, 0.3), position(T, kWidth, init, 0.3), out(kWidth, V, init) {
        for (Index i = 0; i < count; ++i) layers.emplace_back(init);
    }
    Variable operator()(const Tokens& ids) const {  // (B, T) -> (B, T, V)
        Tokens where = ids;
        for (Index i = 0; i < ids.count(); ++i) where.id[i] = static_cast<int>(i % ids.shape[1]);
        Variable x = token(ids) + position(where);
        for (const auto& layer : layers)
            x = x + layer.gather(attention(layer.qkv(layer.norm(x)), {.heads = 2}));
        return out(norm(x));
    }
    void parameters(auto&& visit) {
        visit("token", token), visit("position", position);
        for (std::size_t i = 0; i < layers.size(); ++i)
            visit("layer." + std::to_string(i), layers[i]);
        visit("norm", norm), visit("out", out);
    }
};

// The share of right answers among those that are asked for.
double accuracy(const AttentionOnly& model, const Batch& rows) {
    const NoGrad guard;
    const Tensor scores = model(rows.inputs).value();
    const Index V = scores.size(-1);
    Index right = 0, asked = 0;
    for (Index i = 0; i < rows.targets.count(); ++i) {
        if (rows.targets.id[i] < 0) continue;
        right += argmax(scores.data() + i * V, V) == rows.targets.id[i];
        ++asked;
    }
    return static_cast<double>(right) / static_cast<double>(asked);
}

// Trains a model of so many layers, and prints how right it is on rows that it has not seen.
template <class Task>
void learn(const Task& task, Index layers, Index steps) {
    AttentionOnly model(task.vocabulary(), task.length(), layers, Initialiser(1));
    const auto loss = [&](Index step, Index) {
        const Batch rows = task.batch(1, Stream::data, step * kRows, kRows);
        return cross_entropy(model(rows.inputs), rows.targets);
    };
    Trainer trainer(named_parameters(model),
                    {.steps = steps, .warmup = 50, .lr = 3e-3, .min_lr = 0}, loss);
    const Batch test = task.batch(1, Stream::validation, 0, 512);
    while (!trainer.done()) {
        const StepReport report = trainer.step();
        if (report.step % std::max<Index>(1, steps / 5) == 0)
            fmt::print("{} layer{}  step {:3}  loss {:.4f}  {:5.1f}%\n", layers,
                       layers == 1 ? " " : "s", report.step, report.loss,
                       100 * accuracy(model, test));
    }
}

int main(int argc, char** argv) {
    const Index steps = argc > 1 ? std::atol(argv[1]) : 400;
    const RecallTask recall{.pairs = 8, .V = 64};
    fmt::print("recall; by guessing: loss {:.4f}  12.5%\n", recall.unpaired_loss());
    learn(recall, 1, steps);
    learn(recall, 2, steps);
    const CopyTask copy{.T = 20};
    fmt::print("copy; without memory: loss {:.4f}\n", copy.memoryless_loss());
    learn(copy, 1, steps);
}
