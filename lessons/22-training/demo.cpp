// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include <cmath>
#include <cstdio>

#include "lessons/22-training/preset.h"
#include "nn/generate/sampler.h"

namespace gradus::lesson_22 {
namespace {

std::string printable(std::string story) {
    for (std::size_t at; (at = story.find(" .")) != std::string::npos;) story.erase(at, 1);
    return story.empty() ? "(nothing)" : story;
}

// 50 stories that the model writes, token by token from its probabilities; how many are right, and
// the first that is not.
struct Written {
    std::vector<std::string> stories;
    int right = 0;
    std::string wrong, mistake;
};

Written write_stories(const Model& model, const Tales& tales) {
    constexpr Index count = 50;
    const NoGrad no_graph;
    Random random(5);
    std::vector<std::vector<int>> texts(count, {kEnd});
    for (Index t = 1; t < kSizes.P; ++t) {
        std::vector<int> all;
        for (const auto& text : texts) all.insert(all.end(), text.begin(), text.end());
        const Tensor scores = model(Tokens({count, t}, all)).value();
        for (Index i = 0; i < count; ++i)
            texts[static_cast<std::size_t>(i)].push_back(
                sample_token(&scores[(i * t + t - 1) * kSizes.V], kSizes.V, {}, random));
    }
    Written written;
    for (auto& text : texts) {
        const auto end = std::find(text.begin() + 1, text.end(), kEnd);
        const std::string story = text_of({text.begin() + 1, end});
        const auto mistakes = tales.violations(story + (end == text.end() ? "" : "\n"));
        written.right += mistakes.empty();
        if (!mistakes.empty() && written.wrong.empty())
            written.wrong = story, written.mistake = mistakes[0];
        written.stories.push_back(story);
    }
    return written;
}

// The first place whose scores change if a later token changes, found as first_leak of lesson 17
// finds it; T if there is none.
Index first_leak(const Model& model, const Tokens& ids) {
    const NoGrad no_graph;
    const Index T = ids.shape[1], V = kSizes.V;
    const Tensor y = model(ids).value();
    for (Index t = 0; t < T; ++t) {
        Tokens other = ids;
        for (Index i = t + 1; i < T; ++i)
            other.id[static_cast<std::size_t>(i)] = (other.id[static_cast<std::size_t>(i)] + 1) % V;
        const Tensor z = model(other).value();
        for (Index v = 0; v < V; ++v)
            if (z[t * V + v] != y[t * V + v]) return t;
    }
    return T;
}

// A run, with its loss every 50 steps and what it writes at its beginning, half-way and at its end.
struct Run {
    AnyGpt gpt = your_gpt(kSizes, kSeed);
    Line losses;
    Written before, halfway, after;
};

// `told` is given the step and the loss as soon as it is known.
Run run(const std::string& name, const Tales& tales, const RateSchedule& schedule,
        const std::function<Examples(const std::vector<std::vector<int>>&)>& examples,
        const std::function<void(Index, double)>& told) {
    Run done;
    done.losses.name = name;
    YourAdamW optimiser(done.gpt.parameters());
    const Examples measured = examples(measured_stories(tales));
    const auto measure = [&](Index step) {
        const NoGrad no_graph;
        const double loss = part().loss(done.gpt.forward, measured).item();
        done.losses.x.push_back(static_cast<double>(step)), done.losses.y.push_back(loss);
        told(step, loss);
        if (step == 0) done.before = write_stories(done.gpt.forward, tales);
        if (step == schedule.steps / 2) done.halfway = write_stories(done.gpt.forward, tales);
        if (step == schedule.steps) done.after = write_stories(done.gpt.forward, tales);
    };
    const auto batches = [&](Index step) {
        if (step % kEvery == 0) measure(step);
        return examples(stories_of(tales, kSeed, step));
    };
    part().train(done.gpt.forward, optimiser, batches, schedule, kLimit);
    measure(schedule.steps);
    return done;
}

Examples your_batch(const std::vector<std::vector<int>>& stories) {
    return part().story_batch(stories, kEnd);
}

// As another program made it. What is wrong with it is the question.
Examples another_batch(const std::vector<std::vector<int>>& stories) {
    Examples batch = your_batch(stories);
    batch.inputs = batch.targets;
    std::replace(batch.inputs.id.begin(), batch.inputs.id.end(), -1, 0);
    return batch;
}

const std::vector<Level>& levels() {
    static const std::vector<Level> list = {{"uniform, ln 23", std::log(23.0)},
                                            {"floor", floor_of_stories()}};
    return list;
}

Run your_run(const Stage& stage, const Tales& tales) {
    Index count = 0;
    for (const auto& p : your_gpt(kSizes, kSeed).parameters()) count += p.variable.value().count();
    stage.say(fmt::format(
        "Your GPT, with {} parameters, learns from stories such as this one: {} It takes {} steps, "
        "{} stories each; some seconds. The loss is that of 48 other stories.",
        count, printable(text_of({1, 5, 10, 12, 22, 16, 18, 3, 7, 22, 1, 5, 9, 19, 22})),
        kSchedule.steps, kBatch));
    stage.print(" step   loss   other seeds");
    const auto told = [&stage](Index step, double loss) {
        const Band& band = kBand.at(static_cast<std::size_t>(step / kEvery));
        stage.print(fmt::format("{:5}   {:.2f}   {:.2f} to {:.2f}   {}", step, loss, band.low,
                                band.high,
                                loss < band.low    ? "too low"
                                : loss > band.high ? "too high"
                                                   : "normal"));
        std::fflush(stdout);
    };
    const Run yours = run("yours", tales, kSchedule, your_batch, told);
    stage.print("");
    LineChart chart;
    chart.caption = {
        "The loss of your run, and the band in which 20 others lie",
        "it begins at the uniform baseline, falls fast, then slowly, and ends a little above the "
        "floor. Your line stays between the two others.",
        "it stays at the baseline: nothing moves the weights. It leaves the band upwards: the rate "
        "or the gradient is not what it should be. It falls below the floor: the answer is seen."};
    chart.x = {"step"}, chart.y = {"loss, nats per token", true};
    chart.lines = {yours.losses, {"highest of 20", {}, {}}, {"lowest of 20", {}, {}}};
    for (const Band& band : kBand)
        for (auto [line, y] :
             {std::pair(&chart.lines[1], band.high), {&chart.lines[2], band.low}}) {
            line->x.push_back(static_cast<double>(band.step));
            line->y.push_back(y);
        }
    chart.levels = levels();
    stage.show("band", chart);
    for (const auto& [when, written] : {std::pair("Before the first step", &yours.before),
                                        {"Half-way", &yours.halfway},
                                        {"At the end", &yours.after}}) {
        stage.print(fmt::format("{}: {} of 50 right", when, written->right));
        stage.say(printable(written->stories[0]));
        if (written->right > 0 && written->right < 50)
            stage.say("A wrong one: " + printable(written->wrong) + " (" + written->mistake + ".)");
    }
    return yours;
}

void row(const Stage& stage, const char* name, const Tokens& ids) {
    stage.print(fmt::format("  {}  {}", name, text_of({ids.id.begin(), ids.id.begin() + 5})));
}

void another_run(const Stage& stage, const Tales& tales, const Run& yours) {
    stage.say(
        "And this is a run of a friend. The same GPT, the same stories, a third of the steps, and "
        "batches made by another program:");
    const RateSchedule schedule = {.steps = 200, .warmup = 30, .lr = 0.01, .min_lr = 0.001};
    const Run other = run("the friend's", tales, schedule, another_batch, [](Index, double) {});
    LineChart chart;
    chart.caption = {"Two runs: which is the better one?",
                     "the friend's line goes through the floor, which no honest run can do.",
                     "your own line does the same: then your batches tell the answers, too."};
    chart.x = {"step"}, chart.y = {"loss, nats per token", true};
    chart.lines = {yours.losses, other.losses};
    chart.levels = levels();
    stage.show("leak", chart);
    const auto line = [&stage](const char* name, const std::string& one, const std::string& two) {
        stage.print(fmt::format("{:10} {:>7}   {:>12}", name, one, two));
    };
    const auto leak = [](const Run& run) {
        const Index at = first_leak(run.gpt.forward, Tokens({1, 4}, {0, 1, 5, 10}));
        return at == 4 ? std::string("none") : fmt::format("place {}", at);
    };
    line("", "yours", "the friend's");
    line("loss", fmt::format("{:.3f}", yours.losses.y.back()),
         fmt::format("{:.3f}", other.losses.y.back()));
    line("right", fmt::format("{}/50", yours.after.right), fmt::format("{}/50", other.after.right));
    line("first_leak", leak(yours), leak(other));
    stage.print("\nThe first five places, # is the end:\nyours");
    const auto some = stories_of(tales, kSeed, 0);
    row(stage, "inputs ", your_batch(some).inputs), row(stage, "targets", your_batch(some).targets);
    stage.print("the friend's");
    row(stage, "inputs ", another_batch(some).inputs);
    row(stage, "targets", another_batch(some).targets);
}

const Demo demo([](Stage& stage) {
    const Tales tales(grammar());
    const Run yours = your_run(stage, tales);
    another_run(stage, tales, yours);
});

// The numbers of the text, computed by the functions themselves.
void print_row(const char* name, const std::vector<double>& row) {
    fmt::print("{}:", name);
    for (const double number : row) fmt::print(" {:.4f} {:.2f} {:.1f}", number, number, number);
    fmt::print("\n");
}

const WorkedNumbers numbers([] {
    const Tensor p = Tensor::matrix({{0.5, 0.25, 0.25}, {0.1, 0.8, 0.1}, {0.2, 0.3, 0.5}});
    const Model model = [&p](const Tokens& ids) {
        const Tensor scores({ids.shape[0], ids.shape[1], 3});
        for (Index i = 0; i < ids.count(); ++i)
            for (Index v = 0; v < 3; ++v)
                scores[i * 3 + v] = std::log(p.at(ids.id[static_cast<std::size_t>(i)], v));
        return Variable(scores);
    };
    const Examples batch = part().story_batch({{0, 1, 2}, {1, 2}}, 2);
    const double mean = part().loss(model, batch).item();
    std::vector<double> row;
    for (const double q : {0.2, 0.25, 0.1, 0.3, 0.1}) row.push_back(-std::log(q));
    print_row("-ln p", row), print_row("sum, mean, a sixth", {5 * mean, mean, 5 * mean / 6});
    row.clear();
    for (Index step = 0; step < 10; ++step)
        row.push_back(
            part().learning_rate(step, {.steps = 9, .warmup = 3, .lr = 0.8, .min_lr = 0.2}));
    print_row("rates", row), print_row("step 5", {(1 + 0.5) / 2});
    const std::vector<Variable> some = {parameter(Tensor({2})), parameter(Tensor({1}))};
    some[0].grad()[0] = 3, some[1].grad()[0] = 4;
    print_row("norm", {part().clip_gradients(some, 1)});
    print_row("clipped", {some[0].grad()[0], some[0].grad()[1], some[1].grad()[0]});
    const Variable table = parameter(Tensor({2, 2}));
    YourAdamW optimiser({{"table", table}});
    print_row("train",
              part().train([&table](const Tokens& ids) { return embedding(table, ids); }, optimiser,
                           [](Index) {
                               return part().story_batch({{1, 0}}, 0);
                           },
                           {.steps = 2, .warmup = 0, .lr = 0.5, .min_lr = 0.1}, 1));
    print_row("uniform, story, floor, rate",
              {std::log(23.0), std::log(864.0), floor_of_stories(), kSchedule.lr});
});

}  // namespace
}  // namespace gradus::lesson_22
