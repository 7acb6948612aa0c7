// SPDX-License-Identifier: MIT
#ifndef GRADUS_DOUBLE
#include "nn/progress.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "nn/all.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"

using namespace gradus;

namespace {

// What is reported meanwhile.
template <class F>
std::vector<double> heard(const F& f) {
    std::vector<double> told;
    const Progress listening([&](double done) { told.push_back(done); });
    f();
    return told;
}

}  // namespace

TEST_CASE(
    "progress: the innermost listener hears, a part passes on, and without one nothing happens") {
    Progress::report(0.5);
    std::vector<double> inner;
    const std::vector<double> outer = heard([&] {
        Progress::report(0.25);
        inner = heard([] { Progress::report(0.5); });
        const Progress part(0.5, 1);
        Progress::report(0);
        Progress::report(0.5);
        const Progress part_of_that(0, 0.5);
        Progress::report(1);
    });
    CHECK(inner == std::vector<double>{0.5});
    CHECK(outer == std::vector<double>{0.25, 0.5, 0.75, 0.75});
    const Progress part(0, 1);  // of nothing
    Progress::report(0.5);
}

TEST_CASE("progress: what may take seconds reports it, never less than before, up to all of it") {
    const TemporaryFolder folder;
    const TextModel model(
        GptConfig{.layers = 2, .heads = 2, .width = 8, .context = 8, .vocabulary = 11},
        Initialiser(1));
    const ExportedModel what{.model = model};
    const std::vector<NamedTensor> tensors = {{"a", Tensor({3})}, {"b", Tensor({2, 2})}};
    const std::vector<Batch> batches(3,
                                     {random_tokens({2, 8}, 11, 1), random_tokens({2, 8}, 11, 2)});
    Random random(1);
    const GenerateOptions eight{.context = 8, .tokens = 8};
    const auto run = [&](const std::string& task) {
        const std::string path = folder.file(task);
        if (task == "safetensors") save_safetensors(path, tensors);
        if (task == "gguf") save_gguf(path, tensors, GgufMetadata());
        if (task == "export hf") export_hf(what, path, WeightFormat::f32);
        if (task == "load") load_pretrained(folder.file("export hf"), WeightUse::trainable);
        if (task == "export gguf") export_gguf(what, path, WeightFormat::f32);
        if (task == "export npz") export_npz(what, path);
        if (task == "evaluate") evaluate(std::cref(model), batches);
        if (task == "generate") generate(std::cref(model), {1}, eight, random);
        if (task == "generate many") generate_many(std::cref(model), {1}, 3, eight, 1);
    };
    for (const char* task : {"safetensors", "gguf", "export hf", "load", "export gguf",
                             "export npz", "evaluate", "generate", "generate many"}) {
        CAPTURE(task);
        const std::vector<double> told = heard([&] { run(task); });
        REQUIRE(told.size() > 1);
        CHECK(told.front() < 1);
        CHECK(std::is_sorted(told.begin(), told.end()));
        CHECK(told.back() == 1);
    }
}

TEST_CASE("progress: the time left of a run includes the evaluations to come") {
    using Clock = std::chrono::steady_clock;
    double eta = 0;
    struct Watch : Observer {
        double& eta;
        explicit Watch(double& e) : eta(e) {}
        std::string name() const override { return "a watch"; }
        void stepped(const RunState& s) override {
            if (s.step == 1) eta = s.eta;
        }
    };
    Variable w(Tensor({1}), true);
    Task task{.name = "slow to evaluate"};
    task.loss = [&](Index, Index) { return sum(w * w); };
    task.full_effort = 3;
    task.evaluate = [](Effort) {
        for (const auto end = Clock::now() + std::chrono::milliseconds(20); Clock::now() < end;) {
        }
        return Evaluation{.loss = 1, .tokens = 1};
    };
    FitOptions options;
    options.training.steps = 5;
    options.run.evaluations = 5;
    options.terminal = {};
    options.observers = {std::make_shared<Watch>(eta)};
    fit({{"w", w}}, {}, task, options);
    CHECK(eta >= 0.12);  // after steps 2 to 4, and three times as long after 5
    CHECK(eta < 1);
}
#endif
