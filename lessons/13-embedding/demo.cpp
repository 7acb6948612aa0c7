// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>

#include "autograd/cross_entropy.h"
#include "autograd/variable.h"
#include "lessons/01-counting/stories.h"
#include "nn/generate/sampler.h"
#include "nn/text/ngram.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_13 {
namespace {

using lesson_01::Stories;

constexpr Index kContext = 5, kWidth = 8, kHidden = 48;  // K, C, H
constexpr Index kRows = 8, kLetters = 32;                // B, T
constexpr Index kSteps = 400, kEvery = 40;
constexpr Real kRate = Real(0.01);

// The stories one after the other; each begins after the line end (0) of the one before.
std::vector<int> running_text(const Stories& all, std::size_t count) {
    std::vector<int> text = {0};
    for (std::size_t i = 0; i < count; ++i) {
        text.insert(text.end(), all.stories[i].begin(), all.stories[i].end());
        text.push_back(0);
    }
    return text;
}

Variable loss_of(const LetterModel& model, const Examples& some) {
    return cross_entropy(part().forward(model, some.inputs),
                         Tokens({some.targets.count()}, some.targets.id));
}

// The loss on the first 3000 letters of a text, or on all of it.
double loss_on(const LetterModel& model, const std::vector<int>& text) {
    const NoGrad no_graph;
    const auto T = std::min<Index>(3000, static_cast<Index>(text.size()) - 1);
    return loss_of(model, part().batch(text, {0}, T)).item();
}

struct Taught {
    LetterModel model;
    Line seen, unseen;  // the losses, every few steps
};

Taught teach(const std::string& name, const std::vector<int>& text, const std::vector<int>& test,
             Index V, Index context = kContext, Index width = kWidth, Real lr = kRate) {
    Taught taught{LetterModel(V, context, width, kHidden, Initialiser(1)),
                  {name + ", seen", {}, {}},
                  {name + ", unseen", {}, {}}};
    AdamW optimiser(named_parameters(taught.model));
    Random random(1);
    const auto places = static_cast<std::uint64_t>(static_cast<Index>(text.size()) - kLetters);
    for (Index step = 0; step <= kSteps; ++step) {
        if (step % kEvery == 0)
            for (auto [line, list] : {std::pair(&taught.seen, &text), {&taught.unseen, &test}}) {
                line->x.push_back(static_cast<double>(step));
                line->y.push_back(loss_on(taught.model, *list));
            }
        std::vector<Index> starts;
        for (Index b = 0; b < kRows; ++b)
            starts.push_back(static_cast<Index>(random.below(places)));
        optimiser.zero_grad();
        loss_of(taught.model, part().batch(text, starts, kLetters)).backward();
        optimiser.step(lr);
    }
    return taught;
}

std::string write_story(const LetterModel& model, const std::vector<std::string>& symbols,
                        Random& random) {
    const NoGrad no_graph;
    std::vector<int> letters = {0};
    std::string story;
    while (story.size() < 400) {
        const auto n = static_cast<Index>(letters.size());
        const Tensor scores = part().forward(model, Tokens({1, n}, letters)).value();
        const Index V = scores.size(1);
        const int next = sample_token(&scores[(n - 1) * V], V, {}, random);
        if (next == 0) break;
        story += symbols[static_cast<std::size_t>(next)];
        letters.push_back(next);
        if (n > kContext) letters.erase(letters.begin());
    }
    return story;
}

double bigram_loss(const std::vector<int>& text, const std::vector<int>& test, Index V) {
    NgramModel model(2, V, 0.1);
    model.count(text);
    return model.loss(test);
}

// The table of a model with two numbers for each letter.
Scatter letters(const LetterModel& model, const std::vector<std::string>& symbols) {
    Scatter picture;
    picture.caption = {"A table with two numbers for each letter, after training",
                       "a, i, o and u lie on one side: letters that are followed by the same "
                       "letters get rows that are alike.",
                       "one small round cloud, as before training: no gradient reaches the table."};
    picture.x = {"first number of the row"};
    picture.y = {"second number"};
    picture.groups.resize(4);
    const char* names[] = {"vowels", "consonants", "capitals", "others"};
    for (std::size_t g = 0; g < 4; ++g) picture.groups[g].name = names[g];
    for (std::size_t i = 0; i < symbols.size(); ++i) {
        const char c = symbols[i][0];
        const bool vowel = std::string("aeiou").find(c) != std::string::npos;
        PointGroup& group = picture.groups[vowel                  ? 0
                                           : c >= 'a' && c <= 'z' ? 1
                                           : c >= 'A' && c <= 'Z' ? 2
                                                                  : 3];
        const auto row = static_cast<Index>(i);
        group.x.push_back(model.table.value().at(row, 0));
        group.y.push_back(model.table.value().at(row, 1));
        group.labels.push_back(c == '\n' ? "#" : c == ' ' ? "_" : symbols[i]);
    }
    return picture;
}

const Demo demo([](Stage& stage) {
    const Stories train = lesson_01::read_stories(200, Stream::data),
                  unseen = lesson_01::read_stories(100, Stream::validation);
    const auto many = running_text(train, 200), few = running_text(train, 5),
               test = running_text(unseen, 100);
    const Index V = train.V();
    const double bigram = bigram_loss(many, test, V);

    stage.say(
        "Two models of the same size learn to predict the next letter: one from 200 tiny "
        "tales, one from 5.");
    const Taught well = teach("200 tales", many, test, V), badly = teach("5 tales", few, test, V);
    LineChart chart;
    chart.caption = {"The loss on tales that the model learns from, and on others",
                     "after 200 tales, unseen ones are predicted better and better. After 5, the "
                     "seen ones fall to nearly the floor while the unseen ones turn and rise: "
                     "overfitting.",
                     "all lines stay near ln 42 = 3.74: no gradient reaches the table or "
                     "the layers."};
    chart.x = {"step"}, chart.y = {"loss, nats per letter"};
    chart.lines = {well.unseen, badly.seen, badly.unseen};
    chart.levels = {{"bigram model of lesson 01", bigram}, {"floor", train.floor}};
    stage.show("loss", chart);
    stage.print("            seen   unseen");
    for (const auto& [name, taught] : {std::pair("200 tales", &well), {"5 tales  ", &badly}})
        stage.print(fmt::format("{}   {:.2f}   {:.2f}", name, taught->seen.y.back(),
                                taught->unseen.y.back()));
    stage.print(
        fmt::format("bigram             {:.2f}\nfloor              {:.2f}\n", bigram, train.floor));
    stage.say("A third model sees one letter, and has only two numbers for it:");
    stage.show("letters", letters(teach("", many, test, V, 1, 2, 2 * kRate).model, train.symbols));
    stage.say("And the model that has seen 200 tales writes:");
    Random random(3);
    stage.say(write_story(well.model, train.symbols, random));
});

const WorkedNumbers numbers([] {
    const double a = std::tanh(1.25), b = std::tanh(-0.5);
    fmt::print("hidden: {:.2f} {:.1f} -> {:.4f} {:.4f}\n", 1.25, -0.5, a, b);
    fmt::print("scores: {:.4f} {:.4f} {:.4f}\n", a, 2 * b, -a + b + 0.1);
    fmt::print("{:.1f} {:.1f} bigram of 1000 tales {:.4f}, ln 42 = {:.4f}\n", 0.5, 0.1, 1.7814,
               std::log(42.0));
});

}  // namespace
}  // namespace gradus::lesson_13
