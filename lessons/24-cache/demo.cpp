// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>
#include <numeric>

#include "lessons/24-cache/multiplications.h"
#include "lessons/24-cache/toy.h"

namespace gradus::lesson_24 {
namespace {

// Of the GPT that reads. Width: a multiple of heads.
constexpr Index kVocabulary = 42, kContext = 128, kWidth = 32, kHeads = 4, kBlocks = 2;

// The multiply-adds of step(), which attends to `seen` keys in each block, all its queries together.
template <class Step>
Index cost_of(Index seen, const Step& step) {
    const CountedProducts counted;
    step();
    // Each key costs C multiply-adds for the scores, and its value C for the mixture.
    return counted.count() + kBlocks * seen * 2 * kWidth;
}

// A text of kContext tokens, read both ways; how many multiply-adds each token costs.
struct Race {
    std::vector<Index> without, with;
    std::vector<Index> kept;            // numbers in the caches after each token
    Index compared = 0, different = 0;  // scores

    Race() {
        const NoGrad guard;
        const AnyGpt gpt = your_gpt({kVocabulary, kContext, kWidth, kHeads, kBlocks}, 24);
        const GptWeights weights = weights_of(gpt.parameters(), kHeads);
        std::vector<Cache> caches(kBlocks);
        std::vector<int> ids;
        Random random(24);
        for (Index T = 1; T <= kContext; ++T) {
            ids.push_back(static_cast<int>(random.below(kVocabulary)));
            Tensor all, last;
            without.push_back(cost_of(T * (T + 1) / 2, [&] {
                all = gpt.forward(Tokens({1, T}, ids)).value();
            }));
            with.push_back(cost_of(T, [&] { last = part().read(weights, caches, {ids.back()}); }));
            Index numbers = 0;
            for (const Cache& cache : caches) numbers += std::ssize(cache.k) + std::ssize(cache.v);
            kept.push_back(numbers);
            for (Index i = 0; i < kVocabulary; ++i, ++compared)
                different += !(std::abs(all[(T - 1) * kVocabulary + i] - last[i]) < 1e-12);
        }
    }
};

Index sum_of(const std::vector<Index>& costs) {
    return std::accumulate(costs.begin(), costs.end(), Index{0});
}

void race(Stage& stage) {
    stage.say(
        fmt::format("A GPT with {} blocks, {} numbers wide, reads {} tokens, one after "
                    "another. Each time it says what comes next:",
                    kBlocks, kWidth, kContext));
    const Race done;
    stage.print(fmt::format("scores compared:      {:4}\nother with the cache: {:4}", done.compared,
                            done.different));
    stage.print(
        "\n       multiply-adds for    numbers\n       the next token       in the\n"
        "place   without     with    caches");
    for (const std::size_t place : {1, 2, 8, 32, 128})
        stage.print(fmt::format("{:5}  {:8}  {:7}  {:8}", place, done.without[place - 1],
                                done.with[place - 1], done.kept[place - 1]));
    const Index without = sum_of(done.without), with = sum_of(done.with);
    stage.print(fmt::format("all   {:9}  {:7}", without, with));
    stage.print(fmt::format("{:.0f} times as many",
                            static_cast<double>(without) / static_cast<double>(with)));

    stage.print("");

    LineChart work;
    work.caption = {
        "Multiply-adds for the next token",
        "without the cache each token costs more than the one before it: all places "
        "are worked out again. With it the line stays near the ground.",
        "the lower line rises, too: your next_scores multiplies more rows from place to "
        "place, and not the newest alone."};
    work.x = {"place"}, work.y = {"multiply-adds, millions"};
    for (const auto& [name, costs] :
         {std::pair("without a cache", &done.without), {"with your cache", &done.with}}) {
        Line line{name, {}, {}};
        for (std::size_t place = 8; place <= costs->size(); place += 8) {
            line.x.push_back(static_cast<double>(place));
            line.y.push_back(static_cast<double>((*costs)[place - 1]) / 1e6);
        }
        work.lines.push_back(line);
    }
    stage.show("work", work);
}

// By how much a score moves while the same token is read again and again; without places,
// every position is that of place 0.
double change(bool places) {
    const NoGrad guard;
    const AnyGpt gpt = your_gpt({kVocabulary, kContext, kWidth, kHeads, kBlocks}, 24);
    GptWeights weights = weights_of(gpt.parameters(), kHeads);
    if (!places) {
        const Tensor same({kContext, kWidth});
        for (Index i = 0; i < kContext * kWidth; ++i) same[i] = weights.position[i % kWidth];
        weights.position = same;
    }
    std::vector<Cache> caches(kBlocks);
    const Tensor first = part().read(weights, caches, {7});
    double largest = 0;
    for (int time = 0; time < 7; ++time) {
        const Tensor scores = part().read(weights, caches, {7});
        for (Index i = 0; i < kVocabulary; ++i)
            largest = std::max(largest, std::abs(static_cast<double>(scores[i] - first[i])));
    }
    return largest;
}

const Demo demo([](Stage& stage) {
    race(stage);
    stage.say(
        "What the caches of GPT-2 small hold, with 12 blocks, 768 numbers wide, 4 bytes for "
        "each number:");
    const Index bytes = 12 * 2 * 768 * 4;
    stage.print(fmt::format("for one token   {:10} bytes\nfor 1024 tokens {:10} bytes", bytes,
                            1024 * bytes));
    stage.print("");
    stage.say("The same token, eight times:");
    stage.print(fmt::format("a score moves by up to {:.3f}", change(true)));
});

// Tokens 0 of the text's GPT, one after another; the steps by hand.
const WorkedNumbers numbers([] {
    // attend by the learner's function, and the weights of each head by softmax of the scores.
    for (const std::vector<double>& scores : {std::vector<double>{0, 1, 1}, {-1, -1, 0}}) {
        double sum = 0;
        for (const double score : scores) sum += std::exp(score);
        fmt::print("p:");
        for (const double score : scores) fmt::print(" {:.4f}", std::exp(score) / sum);
        fmt::print("\n");
    }
    const Cache three{{0, 1, 1, 1, 1, 0}, {2, 0, 0, 4, 2, 4}, 3};
    const std::vector<Real> q = {1, -1};
    std::vector<Real> y(2);
    part().attend(y.data(), q.data(), three, 2, 1);
    fmt::print("y: {:.4f} {:.4f}\n", y[0], y[1]);
    const auto gpt = toy();
    std::vector<Cache> caches(1);
    for (int place = 0; place < 4; ++place) {
        const Tensor scores = part().next_scores(gpt, caches, 0);
        fmt::print("{:.2f} {:.2f} {:.2f}\n", scores[0], scores[1], scores[2]);
        // The query is zero, so y is the average of the values so far.
        const std::vector<Real> zero(2);
        part().attend(y.data(), zero.data(), caches[0], 1, 2);
        const Real x0 = gpt.token[0] + gpt.position[2 * place],
                   x1 = gpt.token[1] + gpt.position[2 * place + 1];
        fmt::print("y {:.2f} {:.2f}, x {:.2f} {:.2f}\n", y[0], y[1], x0 + y[0], x1 + y[1]);
    }
    fmt::print("play 1: {:.3f}\n", change(false));
});

}  // namespace
}  // namespace gradus::lesson_24
