// SPDX-License-Identifier: MIT
// A GPT on one screen: built from its parts, trained on short stories, then asked for three of its
// own. The trainer is not written for these structs: it takes any model that names its parameters
// and can compute the loss of a batch.
//     ./gradus example tiny_gpt [STEPS]
#include <cstdlib>

#include "nn/all.h"

using namespace gradus;

constexpr Index B = 8, T = 128, C = 64;  // stories per batch, context length, width

// One layer: each position attends to itself and those before it; an MLP processes the result.
struct Layer {
    LayerNorm norm1{C}, norm2{C};
    Linear qkv, gather, up, down;

    explicit Layer(Initialiser& init)
        : qkv(C, 3 * C, init), gather(C, C, init), up(C, 4 * C, init), down(4 * C, C, init) {}
    Variable operator()(Variable x) const {                      // (B, T, C)
        x = x + gather(attention(qkv(norm1(x)), {.heads = 2}));  // (B, T, 3C) -> (B, T, C)
        return x + down(gelu(up(norm2(x))));                     // (B, T, 4C) -> (B, T, C)
    }
    void parameters(auto&& visit) {
        visit("norm1", norm1), visit("qkv", qkv), visit("gather", gather);
        visit("norm2", norm2), visit("up", up), visit("down", down);
    }
};

struct TinyGpt {
    Embedding token, position;
    Layer layer1, layer2;
    LayerNorm norm{C};

    TinyGpt(Index V, Initialiser init)
        : token(V, C, init), position(T, C, init), layer1(init), layer2(init) {}
    Variable operator()(const Tokens& ids) const {  // (B, T) -> (B, T, V)
        Tokens where = ids;
        for (Index i = 0; i < ids.count(); ++i) where.id[i] = static_cast<int>(i % ids.shape[1]);
        const Variable x = layer2(layer1(token(ids) + position(where)));  // (B, T, C)
        return matmul(norm(x), token.weight, Transpose::yes);             // (B, T, C) (V, C)^T
    }
    void parameters(auto&& visit) {
        visit("token", token), visit("position", position);
        visit("layer1", layer1), visit("layer2", layer2), visit("norm", norm);
    }
};

int main(int argc, char** argv) {
    // Stories of Mia Fox and her friends, generated as needed. Every character is a token.
    const auto tales = text_source("tales");
    std::string alphabet;
    for (const auto& character : tales->alphabet()) alphabet += character;
    const Tokenizer tokenizer = Tokenizer::characters(alphabet);
    const std::vector<int> end = tokenizer.encode("\n");  // of a story

    const auto batch = [&](std::uint64_t number, Stream stream) {  // of (B, T) inputs and targets
        std::vector<std::vector<int>> stories;
        for (std::uint64_t i = number * B; i < (number + 1) * B; ++i)
            stories.push_back(tokenizer.encode(tales->document(1, i, stream)));
        return document_batch(stories, end[0]);
    };

    TinyGpt model(tokenizer.size(), Initialiser(1));
    Task task{.name = "tiny GPT",
              .unit = "nats per character",
              .uniform_baseline = std::log(tokenizer.size()),  // ln 42 = 3.74
              .floor = tales->floor()};                        // the entropy of the stories
    task.loss = [&](Index step, Index) {
        const Batch now = batch(step, Stream::data);
        return cross_entropy(model(now.inputs), now.targets);  // (B, T, V) -> ()
    };
    task.evaluate = [&](Effort) { return evaluate(model, {batch(0, Stream::validation)}); };
    // You should see the loss fall from 3.74 to about 0.19; no model can get below 0.13.
    const Index steps = argc > 1 ? std::atoi(argv[1]) : 700;
    const InterruptGuard guard;
    fit(model, task,
        {.training = {.steps = steps, .warmup = 20, .lr = 0.008}, .stop = interrupted});

    // A temperature below 1 favours likelier tokens. Facts are learnt last, and sums last of all:
    // ./gradus gpt trains longer.
    const GenerateOptions how{
        .context = T, .tokens = T, .stop = end, .sampler = {.temperature = Real(0.5)}};
    for (std::uint64_t i = 0; i < 3; ++i) {
        Random random(1, Stream::sampling, i);
        const auto ids = generate(model, end, how, random);
        const std::string story = tokenizer.decode(ids);
        const auto faults = tales->violations(story);
        fmt::print("\n{}{}({})\n", story, story.ends_with('\n') ? "" : "\n",
                   faults.empty() ? "all true" : faults[0]);
    }
}
