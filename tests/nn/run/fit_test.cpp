// SPDX-License-Identifier: MIT
// fit() on a small net that is not a language model: it gets everything that a run has.
#ifndef GRADUS_DOUBLE
#include "nn/run/fit.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <thread>

#include "nn/all.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/run/quiet_output.h"
#include "tests/settings.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

struct NetConfig {
    Index hidden = 8;
    void fields(auto&& visit) { visit("hidden", hidden, About{.help = "Hidden units"}); }
};

struct Net {
    NetConfig config;
    Linear hidden, out;

    explicit Net(Index units = 8) : config{units} {
        Initialiser init(1);
        hidden = Linear(2, units, init);
        out = Linear(units, 1, init);
    }
    Variable operator()(const Variable& x) const { return out(tanh(hidden(x))); }
    void parameters(auto&& visit) {
        visit("hidden", hidden);
        visit("out", out);
    }
};

// Two moons with fresh noise at every step, so that a resumed run can go wrong.
struct Moons {
    Net net;
    LabelledPoints train = two_moons(1, 64), test = two_moons(2, 64);
    Task task{.name = "moons"};

    explicit Moons(Index units = 8) : net(units) {
        task.loss = [this](Index step, Index micro_batch) {
            const Tensor noise =
                Tensor::normal(train.x.shape(), Real(0.1), static_cast<std::uint64_t>(step),
                               Stream::data, static_cast<std::uint32_t>(micro_batch));
            return binary_cross_entropy(net(train.x + noise), train.y);
        };
        task.evaluate = [this](Effort) { return evaluate_binary(net(test.x).value(), test.y); };
        task.sample = [] { return std::string("a sample"); };
        task.pictures = [this] {
            return std::vector<Drawing>{drawing(boundary_of(net, test.x, test.y))};
        };
    }
    FitResult fit(const std::string& folder, Index steps, FitOptions more = {}) {
        more.folder = folder;
        more.training.steps = steps;
        more.training.warmup = 5;
        more.training.lr = 0.05;
        more.terminal = {};
        return gradus::fit(net, task, more);
    }
};

// Records what an observer is told.
struct Witness : Observer {
    std::vector<std::string> events;
    std::string fails_at = "";

    std::string name() const override { return "a witness"; }
    void tell(const std::string& event) {
        events.push_back(event);
        if (event == fails_at) throw std::runtime_error("the witness is gone");
    }
    void begun(const RunState&) override { tell("begun"); }
    void stepped(const RunState& s) override { tell("step " + std::to_string(s.step)); }
    void evaluated(const RunState& s) override { tell("evaluated " + std::to_string(s.step)); }
    void ended(const RunState&, bool finished) override { tell(finished ? "ended" : "stopped"); }
    void note(const std::string& line) override { events.push_back("note: " + line); }
};

struct StepCounter : Observer {
    Index steps = 0;
    std::string name() const override { return "a counter"; }
    void stepped(const RunState& s) override { steps = s.step; }
};

bool same_bits_in(const std::string& a, const std::string& b, const char* name) {
    return read_file(in_folder(a, name)) == read_file(in_folder(b, name));
}

}  // namespace

TEST_CASE(
    "fit: a net that is not a language model gets bar, verdict, log, report and checkpoints") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    QuietOutput output;
    Moons moons;
    const FitResult result = moons.fit(run, 200);
    const std::string text = output.text();
    CAPTURE(text);
    CHECK(result.finished);
    CHECK_FALSE(result.stopped_early);
    CHECK(result.result.steps == 200);
    CHECK(result.result.accuracy > 0.9);
    CHECK(result.health.kind == Health::Kind::normal);
    CHECK(contains(text, "params=33 "));
    CHECK(contains(text, "\nstep=200/200 loss="));
    CHECK(contains(text, " acc=0.9"));
    CHECK_FALSE(contains(text, "floor"));  // there is no such thing here
    CHECK(contains(text, "\nverdict step=20 kind=normal"));
    CHECK(contains(text, "\ndone steps=200 val="));
    const std::string log = read_file(in_folder(run, "log.csv"));
    CHECK(std::count(log.begin(), log.end(), '\n') == 1 + 200 + 1);
    const std::string report = read_file(in_folder(run, "report.html"));
    for (const char* part :
         {"Training report: moons", "Done: 200 steps", ", accuracy 9",
          "The decision boundary: It follows", "a sample", "<td>8</td>", ">hidden<"})
        CHECK(contains(report, part));
    CHECK_FALSE(contains(report, "http-equiv"));
    Moons again;
    load(in_folder(run, "model.safetensors"), again.net);
    CHECK(evaluate_binary(again.net(again.test.x).value(), again.test.y).loss == result.result.val);
}

TEST_CASE("fit: a run that was stopped anywhere ends as one that never was, bit for bit") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string whole = folder.file("whole");
    Moons().fit(whole, 40, {.training = {.accumulate = 2}});
    for (const int stop_after : {0, 1, 7, 39}) {
        if (kSanitized && stop_after < 7) continue;
        CAPTURE(stop_after);
        const std::string broken = folder.file("broken" + std::to_string(stop_after));
        const auto counter = std::make_shared<StepCounter>();
        const FitResult stopped = Moons().fit(broken, 40,
                                              {.training = {.accumulate = 2},
                                               .stop = [&] { return counter->steps >= stop_after; },
                                               .observers = {counter}});
        CHECK_FALSE(stopped.finished);
        CHECK(stopped.result.steps == stop_after);
        const FitResult rest = Moons().fit(broken, 40, {.training = {.accumulate = 2}});
        CHECK(rest.finished);
        for (const char* name : {"model.safetensors", "resume.safetensors"})
            CHECK(same_bits_in(whole, broken, name));
        // The evaluations too: they decide which weights are the best, and when patience runs out.
        RunResult a, b;
        Description(whole).read(a), Description(broken).read(b);
        REQUIRE(a.snapshots.size() == b.snapshots.size());
        for (std::size_t i = 0; i < a.snapshots.size(); ++i)
            CHECK(a.snapshots[i].step == b.snapshots[i].step);
        CHECK(a.best_val == b.best_val);
        CHECK(a.best_step == b.best_step);
    }
    // The negative control: another seed for the data gives another model.
    const std::string other = folder.file("other");
    Moons moons;
    moons.task.loss = [&](Index step, Index) {
        return binary_cross_entropy(
            moons.net(moons.train.x + Tensor::normal(moons.train.x.shape(), Real(0.1),
                                                     static_cast<std::uint64_t>(step + 1),
                                                     Stream::data, 0)),
            moons.train.y);
    };
    moons.fit(other, 40, {.training = {.accumulate = 2}});
    CHECK_FALSE(same_bits_in(whole, other, "model.safetensors"));
}

TEST_CASE("fit: observers change no bit, and without a folder nothing is written") {
    const TemporaryFolder folder;
    const QuietOutput output;
    Moons watched, alone;
    const auto witness = std::make_shared<Witness>();
    watched.fit(folder.file("run"), 20, {.observers = {witness}});
    alone.task.evaluate = {}, alone.task.sample = {}, alone.task.pictures = {};
    alone.fit("", 20);
    CHECK(folder.files() == 1);
    const auto a = named_parameters(watched.net), b = named_parameters(alone.net);
    for (std::size_t i = 0; i < a.size(); ++i)
        for (Index k = 0; k < a[i].variable.value().count(); ++k)
            CHECK(a[i].variable.value()[k] == b[i].variable.value()[k]);
    const std::vector<std::string> begin = {"begun", "evaluated 0", "step 1", "step 2",
                                            "evaluated 2"};
    REQUIRE(witness->events.size() > begin.size());
    CHECK(std::equal(begin.begin(), begin.end(), witness->events.begin()));
    CHECK(witness->events.back() == "ended");
}

TEST_CASE("fit: an optimiser, a schedule and a hook of one's own, and the run resumes exactly") {
    const TemporaryFolder folder;
    const QuietOutput output;
    Index hooked = 0;
    FitOptions own;
    own.optimiser = [](const std::vector<NamedParameter>& parameters) {
        const auto is_out = [](const NamedParameter& p) { return p.name.starts_with("out."); };
        return std::make_unique<Sgd>(parameters, Real(0.9), Real(0),
                                     ParameterGroups{{.contains = is_out, .lr_factor = 0}});
    };
    own.prepare = [&](Trainer& trainer) {
        trainer.schedule = Constant{.lr = 0.02};
        trainer.after_backward = [&](Index, const auto&) { ++hooked; };
    };
    const Net untrained;
    Moons straight, halves;
    straight.fit(folder.file("straight"), 20, own);
    CHECK(hooked == 20);
    FitOptions first = own;
    first.stop = [&] { return hooked == 27; };
    CHECK_FALSE(halves.fit(folder.file("halves"), 20, first).finished);
    Moons resumed;
    CHECK(resumed.fit(folder.file("halves"), 20, own).finished);
    CHECK(hooked == 40);
    const auto a = named_parameters(straight.net), b = named_parameters(resumed.net);
    for (std::size_t i = 0; i < a.size(); ++i)
        CHECK(same_bits(a[i].variable.value(), b[i].variable.value()));
    CHECK(same_bits(resumed.net.out.weight.value(), untrained.out.weight.value()));
    CHECK_FALSE(same_bits(resumed.net.hidden.weight.value(), untrained.hidden.weight.value()));
}

TEST_CASE("fit: another configuration in the same folder is refused, with the field") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run");
    Moons().fit(run, 10);
    const std::string before = read_file(in_folder(run, "run.json"));
    CHECK_THROWS_WITH_AS(Moons(9).fit(run, 10), doctest::Contains("hidden is 8 there and 9 here"),
                         FileError);
    CHECK_THROWS_WITH_AS(Moons().fit(run, 10, {.training = {.seed = 3}}),
                         doctest::Contains("seed is 1 there and 3 here"), FileError);
    CHECK_THROWS_WITH_AS(Moons().fit(run, 10, {.resume = Resume::no}),
                         doctest::Contains("already holds a run"), FileError);
    CHECK_THROWS_WITH_AS(Moons().fit(folder.file("none"), 10, {.resume = Resume::yes}),
                         doctest::Contains("holds no run"), FileError);
    CHECK(read_file(in_folder(run, "run.json")) == before);
    CHECK(Moons().fit(run, 12).result.steps == 12);  // with more steps it is still the same run
}

TEST_CASE("fit: it stops early when patience runs out, and keeps the best weights") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run");
    Moons moons;
    double losses[] = {3, 2, 1, 1.5, 1.25, 9, 9, 9, 9, 9, 9, 9};
    int asked = 0;
    std::vector<double> at_best;
    moons.task.evaluate = [&](Effort) {
        const double loss = losses[asked++];
        if (loss == 1) at_best.push_back(double(moons.net.out.weight.value()[0]));
        return Evaluation{.loss = loss};
    };
    const FitResult result = moons.fit(run, 100, {.run = {.patience = 2, .keep_best = true}});
    CHECK(result.finished);
    CHECK(result.stopped_early);
    CHECK(result.result.steps == 40);  // evaluated at 0, 10, 20 (the best), 30 and 40
    CHECK(result.result.best_val == 1);
    CHECK(result.result.best_step == 20);
    Moons best;
    load(in_folder(run, "best.safetensors"), best.net);
    REQUIRE(at_best.size() == 1);
    CHECK(double(best.net.out.weight.value()[0]) == at_best[0]);
    // Called again, it has no more patience than before.
    Moons again;
    again.task.evaluate = moons.task.evaluate;
    CHECK(again.fit(run, 100, {.run = {.patience = 2, .keep_best = true}}).result.steps == 40);
}

TEST_CASE("display: a log says how far something is that takes more than two seconds (2 s)") {
    QuietOutput output;
    RunState state;
    state.facts.steps = 100;
    Display display(TerminalCapabilities{});
    display.busy(state, "evaluating", 0.1);
    std::this_thread::sleep_for(std::chrono::milliseconds(2010));
    display.busy(state, "evaluating", 0.5);
    display.busy(state, "evaluating", 0.6);  // not ten seconds later
    const std::string said = output.text();
    CHECK(said.starts_with("step=0/100 busy=\"evaluating\" done=0.50 eta=2.0s\n"));
    CHECK(std::count(said.begin(), said.end(), '\n') == 1);
}

TEST_CASE("fit: a finished run is not touched again, and says that it is finished") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    const auto files = [&] {
        std::vector<std::string> contents;
        for (const char* name : {"run.json", "log.csv", "report.html", "inside.json",
                                 "model.safetensors", "resume.safetensors"})
            contents.push_back(read_file(in_folder(run, name)));
        return contents;
    };
    const FitResult first = [&] {
        const QuietOutput output;
        return Moons().fit(run, 40);
    }();
    CHECK_FALSE(first.was_finished);
    const auto before = files();

    QuietOutput output;
    const auto witness = std::make_shared<Witness>();
    Moons again;
    again.task.evaluate = [](Effort) -> Evaluation { throw std::logic_error("evaluated again"); };
    again.task.resume_command = "train --resume run";
    const FitResult second = again.fit(run, 40, {.observers = {witness}});
    CHECK(second.finished);
    CHECK(second.was_finished);
    CHECK_FALSE(second.stopped_early);
    CHECK(second.result.val == first.result.val);
    CHECK(second.result.accuracy == first.result.accuracy);
    CHECK(second.result.seconds == first.result.seconds);
    CHECK(files() == before);
    CHECK(output.text() ==
          fmt::format("finished steps=40 val={:.4f} out={}\n", first.result.val, run));
    CHECK(witness->events.size() == 1);  // the same line
    // The weights are those of the run, for whoever uses the net after fit().
    CHECK(evaluate_binary(again.net(again.test.x).value(), again.test.y).loss == first.result.val);

    // With more steps it goes on.
    const QuietOutput quiet;
    const FitResult more = Moons().fit(run, 60);
    CHECK(more.result.steps == 60);
    CHECK_FALSE(more.was_finished);
}

TEST_CASE("fit: a run that is stopped in its last evaluation is completed when it is resumed") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run");
    Moons moons;
    moons.task.evaluate = [&, usual = moons.task.evaluate](Effort effort) {
        if (effort == Effort::full) throw Stopped();
        return usual(effort);
    };
    const FitResult stopped = moons.fit(run, 40);
    CHECK_FALSE(stopped.finished);
    CHECK(stopped.result.steps == 40);
    const FitResult completed = Moons().fit(run, 40);
    CHECK(completed.finished);
    CHECK_FALSE(completed.was_finished);
    CHECK(Moons().fit(run, 40).was_finished);
}

TEST_CASE("fit: a run without an evaluation is finished, too") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    QuietOutput output;
    for (const bool again : {false, true}) {
        Moons moons;
        moons.task.evaluate = {};
        CHECK(moons.fit(run, 10).was_finished == again);
    }
    CHECK(output.text().ends_with("finished steps=10 out=" + run + "\n"));
}

TEST_CASE("fit: a run out of patience is finished, and goes on when it gets more") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run");
    const auto fit = [&](Index patience) {
        Moons moons;
        double loss = 1;
        moons.task.evaluate = [&](Effort) { return Evaluation{.loss = loss += 1}; };
        return moons.fit(run, 100, {.run = {.patience = patience}});
    };
    CHECK(fit(2).result.steps == 20);
    CHECK(fit(2).was_finished);
    CHECK(fit(2).stopped_early);
    const FitResult more = fit(4);
    CHECK_FALSE(more.was_finished);
    CHECK(more.result.steps > 20);
}

TEST_CASE("fit: the best step is told from quick evaluations, the result from a full one") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run");
    Moons moons;
    double quick = 2;
    moons.task.evaluate = [&](Effort effort) {  // of all the data it is higher, by chance
        return Evaluation{.loss = effort == Effort::full ? 1.95 : quick -= 0.1};
    };
    moons.task.full_effort = 8;
    const FitResult result = moons.fit(run, 20, {.run = {.evaluations = 2}});
    CHECK(result.result.val == 1.95);
    CHECK(result.result.best_step == 20);
    CHECK(result.result.best_val == doctest::Approx(1.7));
    CHECK(result.result.snapshots.back().val == doctest::Approx(1.7));
    const std::vector<LogRow> log = read_log(in_folder(run, "log.csv"), 20);
    CHECK(log.back().val == doctest::Approx(1.7));
}

TEST_CASE("fit: the best weights are kept even if they are the initial ones") {
    const TemporaryFolder folder;
    const QuietOutput output;
    Moons moons, untrained;
    double loss = 1;
    moons.task.evaluate = [&](Effort) { return Evaluation{.loss = loss++}; };
    CHECK(moons.fit(folder.file("run"), 10, {.run = {.keep_best = true}}).result.best_step == 0);
    Moons best;
    load(in_folder(folder.file("run"), "best.safetensors"), best.net);
    CHECK(best.net.out.weight.value()[0] == untrained.net.out.weight.value()[0]);
    CHECK(best.net.out.weight.value()[0] != moons.net.out.weight.value()[0]);
}

TEST_CASE("fit: what only decorates never ends a run, and is named once") {
    const TemporaryFolder folder;
    const QuietOutput output;
    const std::string run = folder.file("run"), whole = folder.file("whole");
    Moons().fit(whole, 20);
    const auto failing = std::make_shared<Witness>(), other = std::make_shared<Witness>();
    failing->fails_at = "step 3";
    Moons moons;
    moons.task.pictures = [] { return std::vector<Drawing>{}; };
    CHECK(moons.fit(run, 20, {.observers = {failing, other}}).finished);
    CHECK(failing->events.back() == "step 3");
    CHECK(other->events.back() == "ended");
    CHECK(std::count(other->events.begin(), other->events.end(),
                     "note: warning: the witness is gone; continuing without it") == 1);
    CHECK(same_bits_in(whole, run, "model.safetensors"));

    // A log and pictures that are damaged are set aside, and said so; the run goes on.
    write_file(in_folder(run, "log.csv"), "step\nnonsense\n");
    write_file(in_folder(run, "inside.json"), "[{}]");
    const auto witness = std::make_shared<Witness>();
    CHECK(Moons().fit(run, 22, {.observers = {witness}}).result.steps == 22);
    const auto said = [&](const char* words) {
        return std::any_of(witness->events.begin(), witness->events.end(), [&](const auto& e) {
            return e.rfind("note: warning: ", 0) == 0 && contains(e, words);
        });
    };
    CHECK(said("log.csv: its first "));
    CHECK(said("log.csv.damaged; begun again with the evaluations in run.json"));
    CHECK(said("inside.json: "));
    CHECK(said("inside.json.damaged"));
    CHECK(read_file(in_folder(run, "log.csv.damaged")) == "step\nnonsense\n");
    CHECK(read_file(in_folder(run, "inside.json.damaged")) == "[{}]");
    const auto rows = read_log(in_folder(run, "log.csv"), 22);
    REQUIRE(rows.size() > 9);
    CHECK(rows[1].step == 2);  // the evaluations at 0, 2, 4, ...
    CHECK(std::isfinite(rows[1].val));
    CHECK_FALSE(std::isfinite(rows[1].loss));
    CHECK(rows[rows.size() - 2].step == 22);
}

TEST_CASE("fit: impossible options are refused") {
    Moons moons;
    CHECK_THROWS_WITH_AS(moons.fit("", 10, {.run = {.evaluations = 0}}),
                         doctest::Contains("0 evaluations"), std::invalid_argument);
    CHECK_THROWS_WITH_AS(moons.fit("", 10, {.run = {.patience = -1}}),
                         doctest::Contains("patience -1"), std::invalid_argument);
    moons.task.evaluate = {};
    CHECK_THROWS_WITH_AS(moons.fit("", 10, {.run = {.patience = 1}}),
                         doctest::Contains("needs an evaluation"), std::invalid_argument);
    moons.task.loss = {};
    CHECK_THROWS_WITH_AS(moons.fit("", 10), doctest::Contains("has no loss"),
                         std::invalid_argument);
}
#endif
