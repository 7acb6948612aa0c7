// SPDX-License-Identifier: MIT
// A run of a few milliseconds, for tests of what becomes of it when something goes wrong.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>

#include "nn/all.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/tensors.h"
#include "tests/text.h"

namespace gradus {

// A net so small that a whole run takes a few milliseconds; its data differ from step to step.
struct TinyNet {
    Linear line;
    TinyNet() {
        Initialiser init(1);
        line = Linear(2, 1, init);
    }
    void parameters(auto&& visit) { visit("line", line); }
};

struct TinyRun {
    TinyNet net;
    Task task{.name = "line"};

    TinyRun() {
        task.loss = [this](Index step, Index micro_batch) {
            const Tensor x = Tensor::normal({4, 2}, 1, static_cast<std::uint64_t>(step),
                                            Stream::data, static_cast<std::uint32_t>(micro_batch));
            return binary_cross_entropy(net.line(x), Tensor::full({4, 1}, Real(0.5)));
        };
        task.evaluate = [this](Effort) {
            return Evaluation{.loss = std::abs(double(net.line.weight.value()[0]))};
        };
        task.sample = [] { return std::string("a sample"); };
        task.pictures = [] { return std::vector<Drawing>{{{"a", "b", "c"}, "<svg/>"}}; };
    }
    FitResult fit(const std::string& folder, FitOptions more = {}) {
        more.folder = folder;
        more.training.steps = 2;
        more.training.warmup = 1;
        more.training.lr = 0.05;
        more.run.evaluations = 2;
        more.run.keep_best = true;
        more.terminal = {};
        return gradus::fit(net, task, more);
    }
};

// Saved after one step of two.
inline void half_a_run(const std::string& folder) {
    TinyRun run;
    Index done = 0;
    const Trainer::Loss loss = run.task.loss;
    run.task.loss = [&](Index step, Index micro_batch) {
        done = step + 1;
        return loss(step, micro_batch);
    };
    CHECK_FALSE(run.fit(folder, {.stop = [&] { return done == 1; }}).finished);
}

inline const std::vector<std::string> kStateFiles = {"model.safetensors", "resume.safetensors",
                                                     "best.safetensors"};

inline std::vector<std::string> state_in(const std::string& folder) {
    std::vector<std::string> contents;
    for (const auto& name : kStateFiles) contents.push_back(read_file(in_folder(folder, name)));
    return contents;
}

// What the run leaves if nothing happens to it.
inline const std::vector<std::string>& undisturbed() {
    static const std::vector<std::string> state = [] {
        const TemporaryFolder folder(memory_folder());
        TinyRun().fit(folder.file("run"));
        return state_in(folder.file("run"));
    }();
    return state;
}

// Goes on with whatever is in the folder, and checks that it ends as if nothing had happened.
inline void check_recovers(const std::string& folder) {
    const Resume how = holds_run(folder) ? Resume::yes : Resume::no;
    CHECK(TinyRun().fit(folder, {.resume = how}).finished);
    CHECK(state_in(folder) == undisturbed());
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const std::string name = entry.path().filename().string();
        CAPTURE(name);
        CHECK_FALSE(contains(name, ".new"));
        CHECK_FALSE(contains(name, ".tmp"));
        CHECK_FALSE(contains(name, ".lock"));
    }
}

}  // namespace gradus
