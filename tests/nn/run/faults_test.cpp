// SPDX-License-Identifier: MIT
// What a run's folder holds after anything that can happen during a save: a call that fails, a full
// disk, a process that is killed, a flipped bit. Each time the run is then resumed, or started
// again if there was no whole save yet, and must end as one to which nothing ever happened.
#ifndef GRADUS_DOUBLE
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <new>
#include <nlohmann/json.hpp>

#include "nn/all.h"
#include "tests/nn/run/quiet_output.h"
#include "tests/nn/run/tiny_run.h"
#include "tests/settings.h"
#include "tests/tensors.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// While one exists, `happens` is called at every N-th call that changes a file and later ones.
class FaultAt {
 public:
    FaultAt(int n, const std::function<int(FileCall, bool first)>& happens) {
        file_fault = [this, n, happens](FileCall call) {
            return ++calls_ >= n ? happens(call, calls_ == n) : 0;
        };
    }
    ~FaultAt() { file_fault = nullptr; }
    int calls() const { return calls_; }

 private:
    int calls_ = 0;
};

enum class Fault { fails, all_fail, disk_stays_full, out_of_memory, killed };

constexpr std::array kKinds = {Fault::fails, Fault::all_fail, Fault::disk_stays_full,
                               Fault::out_of_memory, Fault::killed};

// The run, with this fault at call n; false if it makes fewer calls.
bool disturbed_run(const std::string& folder, Fault kind, int n) {
    const auto happens = [&](FileCall call, bool first) -> int {
        if (kind == Fault::disk_stays_full)
            return call == FileCall::write || call == FileCall::sync ? ENOSPC : 0;
        if (kind == Fault::all_fail) return call == FileCall::remove ? 0 : EIO;
        if (!first) return 0;
        if (kind == Fault::out_of_memory) {
            if (call == FileCall::remove) return 0;  // allocates nothing
            throw std::bad_alloc();
        }
        if (kind == Fault::killed) ::kill(::getpid(), SIGKILL);
        return EIO;
    };
    if (kind != Fault::killed) {
        const FaultAt fault(n, happens);
        try {
            TinyRun().fit(folder);
        } catch (const FileError&) {
        } catch (const std::bad_alloc&) {
        }
        return fault.calls() >= n;
    }
    const pid_t child = ::fork();  // on one thread: a child would lack the others
    if (child == 0) {
        const FaultAt fault(n, happens);
        TinyRun().fit(folder);
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

// Every n from 1, or every `stride`-th, of a run that starts from a copy of `base` (empty: anew).
int check_every_call(Fault kind, const std::string& base, int stride = 1) {
    const SavedSettings saved;
    set_threads(1);
    undisturbed();
    int n = 1;
    for (;; n += stride) {
        CAPTURE(n);
        const TemporaryFolder folder(memory_folder());
        const std::string run = folder.file("run");
        if (!base.empty()) fs::copy(base, run);
        const bool happened = disturbed_run(run, kind, n);
        if (fs::exists(run)) check_recovers(run);
        if (!happened) return n - 1;
    }
}

}  // namespace

TEST_CASE("a save survives being killed before any call that changes a file (1 s)") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    half_a_run(folder.file("half"));
    CHECK(check_every_call(Fault::killed, folder.file("half"), kSanitized ? 20 : 1) > 50);
}

TEST_CASE("a save survives a disk from which, after any call, nothing works any more") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    half_a_run(folder.file("half"));
    CHECK(check_every_call(Fault::all_fail, folder.file("half"), kSanitized ? 20 : 1) > 50);
}

TEST_CASE("a save survives every call failing, a disk that fills up and memory that runs out") {
    const QuietOutput output;
    for (const Fault kind : kKinds) CHECK(check_every_call(kind, "", kSanitized ? 97 : 23) > 100);
}

TEST_CASE("a save survives anything at any call, first or later" * doctest::test_suite("long")) {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    half_a_run(folder.file("half"));
    int calls = 0;
    for (const Fault kind : kKinds)
        for (const std::string& base : {std::string(), folder.file("half")})
            calls += check_every_call(kind, base);
    fmt::print(stderr, "faults at {} calls: each recovered\n", calls);
}

TEST_CASE("the control: files written under their usual names do not survive it") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    half_a_run(folder.file("half"));
    TinyRun later;
    later.net.line.weight.value().fill(Real(0.25));
    int torn = 0;
    for (int n = 1, calls = 0; calls >= n - 1; ++n) {
        const std::string run = folder.file(std::to_string(n));
        fs::copy(folder.file("half"), run);
        {
            const FaultAt fault(n, [](FileCall, bool) { return EIO; });
            try {
                save(in_folder(run, "model.safetensors"), later.net);
            } catch (const FileError&) {
            }
            calls = fault.calls();
        }
        try {
            saved_copy(run, "model.safetensors", Description(run).files());
        } catch (const FileError&) {
            ++torn;
        }
    }
    CHECK(torn > 0);
}

namespace {

struct Notes : Observer {
    std::string text;
    std::string name() const override { return "notes"; }
    void note(const std::string& line) override { text += line + "\n"; }
};

// Damages one file of a run, then resumes it: it must be refused with the file's name, or say that
// the file was set aside, and end as if nothing had happened.
void check_damage(const std::string& base, const std::string& name,
                  const std::function<void(std::string&)>& damage) {
    const TemporaryFolder folder(memory_folder());
    const std::string run = folder.file("run"), path = in_folder(run, name);
    fs::copy(base, run);
    std::string contents = read_file(path);
    damage(contents);
    write_file(path, contents);
    const auto notes = std::make_shared<Notes>();
    try {
        TinyRun().fit(run, {.resume = Resume::yes, .observers = {notes}});
    } catch (const FileError& error) {
        CHECK(contains(error.what(), name));
        CHECK(read_file(path) == contents);  // nothing was replaced
        CHECK((name == "run.json" || name == "resume.safetensors"));
        return;
    }
    CHECK((name != "run.json" && name != "resume.safetensors"));
    if (name != "report.html") CHECK(contains(notes->text, path + ".damaged"));
    if (name != "report.html") CHECK(read_file(path + ".damaged") == contents);
    std::vector<std::string> expected = undisturbed(), found;
    if (name == "best.safetensors") expected.pop_back();
    for (std::size_t i = 0; i < expected.size(); ++i)
        found.push_back(read_file(in_folder(run, kStateFiles[i])));
    CHECK(found == expected);
}

void check_damages(int flips, int cuts) {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    const std::string half = folder.file("half");
    half_a_run(half);
    Random random(1);
    for (const std::string name : {"run.json", "model.safetensors", "resume.safetensors",
                                   "best.safetensors", "log.csv", "inside.json", "report.html"}) {
        CAPTURE(name);
        for (int i = 0; i < flips; ++i) {
            CAPTURE(i);
            check_damage(half, name, [&](std::string& text) {
                char& byte = text[random.below(static_cast<std::uint32_t>(text.size()))];
                byte = static_cast<char>(byte ^ static_cast<char>(1 + random.below(255)));
            });
        }
        for (int i = 0; i < cuts; ++i) {
            CAPTURE(i);
            check_damage(half, name, [&](std::string& text) {
                text.resize(random.below(static_cast<std::uint32_t>(text.size())));
            });
        }
    }
}

}  // namespace

TEST_CASE("a changed byte or a cut in any file of a run is refused, or set aside and named") {
    check_damages(kSanitized ? 2 : 12, kSanitized ? 1 : 4);
}

TEST_CASE("1000 changed bytes and 200 cuts in each file of a run" * doctest::test_suite("long")) {
    check_damages(1000, 200);
}

TEST_CASE("what is missing is written again, or named; the state itself must be there") {
    const QuietOutput output;
    for (const std::string name : {"run.json", "model.safetensors", "resume.safetensors",
                                   "best.safetensors", "log.csv", "inside.json", "report.html"}) {
        CAPTURE(name);
        const TemporaryFolder folder(memory_folder());
        const std::string run = folder.file("run");
        half_a_run(run);
        fs::remove(in_folder(run, name));
        const auto notes = std::make_shared<Notes>();
        const FitOptions resume{.resume = Resume::yes, .observers = {notes}};
        if (name == "run.json" || name == "resume.safetensors") {
            CHECK_THROWS_AS(TinyRun().fit(run, resume), FileError);
            continue;
        }
        CHECK(TinyRun().fit(run, resume).finished);
        const bool pictures = name == "inside.json" || name == "report.html";
        CHECK(contains(notes->text, name) != pictures);
        CHECK(read_file(in_folder(run, kStateFiles[0])) == undisturbed()[0]);
        CHECK(read_file(in_folder(run, kStateFiles[1])) == undisturbed()[1]);
    }
}

TEST_CASE("a folder of an older version, without checksums, resumes and gets them") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    const std::string run = folder.file("run"), description = in_folder(run, "run.json");
    half_a_run(run);
    nlohmann::json old = parse_checked_json(read_file(description));
    old.erase("files");
    old["training"].erase("save_minutes");
    write_file(description, old.dump(2) + "\n");
    const nlohmann::json inside = parse_checked_json(read_file(in_folder(run, "inside.json")));
    write_file(in_folder(run, "inside.json"), inside.at("snapshots").dump());
    const auto notes = std::make_shared<Notes>();
    CHECK(TinyRun().fit(run, {.resume = Resume::yes, .observers = {notes}}).finished);
    CHECK(notes->text.empty());
    CHECK(state_in(run) == undisturbed());
    const FileRecords files = Description(run).files();
    for (const char* name : {"model.safetensors", "resume.safetensors"})
        CHECK(files.at(name) == checksum_of_file(in_folder(run, name)));
    CHECK(files.at("log.csv") == checksum_of_file(in_folder(run, "log.csv")));

    // What such a folder cannot be checked for by checksums is at least finite.
    half_a_run(folder.file("nan"));
    const std::string path = in_folder(folder.file("nan"), "resume.safetensors");
    old["result"]["steps"] = 1;
    write_file(in_folder(folder.file("nan"), "run.json"), old.dump());
    std::string bytes = read_file(path);
    const std::uint32_t nan = 0x7FC00000;
    bytes.replace(bytes.size() - 4, 4, reinterpret_cast<const char*>(&nan), 4);
    write_file(path, bytes);
    CHECK_THROWS_WITH_AS(
        TinyRun().fit(folder.file("nan"), {.resume = Resume::yes}),
        doctest::Contains("resume.safetensors: tensor \"line.weight.v\" holds NaN"), FileError);
}

TEST_CASE("one writer: a second run in the same folder is refused with the first one's process") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    const std::string run = folder.file("run");
    TinyRun first;
    int refused = 0;
    first.task.evaluate = [&](Effort) {
        CHECK_THROWS_WITH_AS(
            TinyRun().fit(run, {.resume = Resume::yes}),
            doctest::Contains(("locked by process " + std::to_string(::getpid()) + " on ").c_str()),
            FileError);
        ++refused;
        return Evaluation{};
    };
    CHECK(first.fit(run).finished);
    CHECK(refused == 3);
    CHECK(state_in(run)[0] == undisturbed()[0]);
}

TEST_CASE("a new run replaces no file that is not its own, and starts beside all others") {
    const QuietOutput output;
    for (const char* name : {"model.safetensors", "resume.safetensors", "best.safetensors",
                             "log.csv", "report.html", "inside.json", "model.safetensors.new"}) {
        CAPTURE(name);
        const TemporaryFolder folder(memory_folder());
        write_file(folder.file(name), "mine");
        CHECK_THROWS_WITH_AS(TinyRun().fit(folder.path()),
                             doctest::Contains((folder.file(name) + ": is in the way").c_str()),
                             FileError);
        CHECK(read_file(folder.file(name)) == "mine");
        CHECK(folder.files() == 1);
    }
    const TemporaryFolder folder(memory_folder());
    write_file(folder.file("notes.txt"), "mine");
    CHECK(TinyRun().fit(folder.path()).finished);
    CHECK(state_in(folder.path()) == undisturbed());
    CHECK(read_file(folder.file("notes.txt")) == "mine");
}

TEST_CASE("a folder with what is left of a run that never saved counts as free, unless it runs") {
    const TemporaryFolder folder(memory_folder());
    const std::string wanted = folder.file("run");
    CHECK(fresh_folder(wanted) == wanted);
    fs::create_directory(wanted);
    CHECK(fresh_folder(wanted) == wanted + "-2");  // somebody's, for all we can tell
    write_file(in_folder(wanted, "run.lock"), "process 1 on nowhere\n");
    for (const char* left :
         {"model.safetensors.new", "resume.safetensors.new.tmp-12", "run.json.tmp-12"})
        write_file(in_folder(wanted, left), "x");
    CHECK(fresh_folder(wanted) == wanted);
    {
        const FileLock lock(in_folder(wanted, "run.lock"));
        CHECK(fresh_folder(wanted) == wanted + "-2");
    }
    write_file(in_folder(wanted, "run.lock"), "");
    write_file(in_folder(wanted, "notes.txt"), "mine");
    CHECK(fresh_folder(wanted) == wanted + "-2");
}

TEST_CASE("a full disk: the run continues, tries again, and says which checkpoint is whole") {
    const QuietOutput output;
    for (const bool freed : {false, true}) {
        CAPTURE(freed);
        const TemporaryFolder folder(memory_folder());
        const std::string run = folder.file("run");
        const auto notes = std::make_shared<Notes>();
        TinyRun tiny;
        const Trainer::Loss loss = tiny.task.loss;
        tiny.task.loss = [&](Index step, Index micro_batch) {
            if (step == 0)
                file_fault = [](FileCall call) { return call == FileCall::write ? ENOSPC : 0; };
            if (step == 1 && freed) file_fault = nullptr;
            return loss(step, micro_batch);
        };
        std::string error;
        try {
            tiny.fit(run, {.observers = {notes}});
        } catch (const FileError& e) {
            error = e.what();
        }
        file_fault = nullptr;
        CHECK(contains(notes->text, "warning: " + run +
                                        "/model.safetensors.new: cannot write: No "
                                        "space left on device (the disk or its "
                                        "quota is full); the checkpoint of step 0 "
                                        "is whole; continuing, and trying again "
                                        "later\n"));
        CHECK(count_of(notes->text, "model.safetensors.new") == 1);  // said once
        CHECK(contains(notes->text, "log.csv: cannot write"));
        CHECK(error.empty() == freed);
        if (!freed) CHECK(contains(error, run + ": step 2 is not saved: "));
        if (!freed) CHECK(contains(error, "; the checkpoint of step 0 is whole"));
        check_recovers(run);
    }
}

TEST_CASE("a checkpoint is also written by time, and never one that is not finite") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    const auto saved_before_failure = [&](double minutes, const std::string& name) {
        TinyRun run;
        const Trainer::Loss loss = run.task.loss;
        run.task.loss = [&](Index step, Index micro_batch) {
            if (step == 5) throw std::runtime_error("the power is off");
            return loss(step, micro_batch);
        };
        FitOptions o{.folder = folder.file(name), .training = {.steps = 9}};
        o.run.evaluations = 1, o.run.save_minutes = minutes;
        CHECK_THROWS_WITH(fit(run.net, run.task, o), "the power is off");
        RunResult result;
        Description(o.folder).read(result);
        return result.steps;
    };
    CHECK(saved_before_failure(1e-9, "often") == 5);
    CHECK(saved_before_failure(0, "never") == 0);
    CHECK(saved_before_failure(10, "later") == 0);
    CHECK_THROWS_WITH_AS(TinyRun().fit("", {.run = {.save_minutes = -1}}),
                         doctest::Contains("save_minutes -1"), std::invalid_argument);

    TinyRun run;
    FitOptions o{.folder = folder.file("huge"), .training = {.steps = 9, .warmup = 0, .clip = 0}};
    o.run.evaluations = 9;
    o.prepare = [](Trainer& trainer) { trainer.schedule = Constant{.lr = 1e38}; };
    o.optimiser = [](const std::vector<NamedParameter>& parameters) {
        const auto all = [](const NamedParameter&) { return true; };
        return std::make_unique<Sgd>(parameters, Real(0), Real(0),
                                     ParameterGroups{{.contains = all, .lr_factor = 1e4}});
    };
    CHECK_THROWS_WITH_AS(fit(run.net, run.task, o),
                         doctest::Contains("step 1: parameter line.weight is not finite, and not "
                                           "saved; the checkpoint of step 0 is kept"),
                         NotFiniteError);
    TinyNet kept;
    load(in_folder(o.folder, "model.safetensors"), kept);
    CHECK(same_bits(kept.line.weight.value(), TinyNet().line.weight.value()));
}

TEST_CASE("a stop is seen between micro-batches and in evaluations; the run then resumes exactly") {
    const QuietOutput output;
    for (const std::string where : {"micro-batch", "first look", "quick", "full", "sample"}) {
        CAPTURE(where);
        const TemporaryFolder folder(memory_folder());
        const std::string run = folder.file("run");
        FitOptions o;
        o.training.accumulate = 3;
        TinyRun whole, broken, rest;
        whole.fit(folder.file("whole"), o);
        bool stop = false;
        int evaluations = 0;
        const Task task = broken.task;
        broken.task.loss = [&](Index step, Index micro_batch) {
            if (where == "micro-batch" && step == 1) {
                CHECK(micro_batch <= 1);
                stop = micro_batch == 1;
            }
            return task.loss(step, micro_batch);
        };
        broken.task.evaluate = [&](Effort effort) {
            ++evaluations;
            if ((where == "first look" && evaluations == 1) ||
                (where == "quick" && evaluations == 2) ||
                (where == "full" && effort == Effort::full))
                throw Stopped();
            return task.evaluate(effort);
        };
        broken.task.sample = [&]() -> std::string {
            if (where == "sample" && evaluations == 2) throw Stopped();
            return "a sample";
        };
        o.stop = [&] { return stop; };
        const FitResult stopped = broken.fit(run, o);
        CHECK_FALSE(stopped.finished);
        CHECK(stopped.result.steps == (where == "first look" ? 0 : where == "full" ? 2 : 1));
        o.stop = {};
        CHECK(rest.fit(run, o).finished);
        CHECK(state_in(run) == state_in(folder.file("whole")));
    }
}

TEST_CASE("before the final evaluation there is a save") {
    const QuietOutput output;
    const TemporaryFolder folder(memory_folder());
    const std::string run = folder.file("run");
    TinyRun tiny;
    Index saved = -1;
    tiny.task.evaluate = [&](Effort effort) {
        RunResult result;
        Description(run).read(result);
        if (effort == Effort::full) saved = result.steps;
        return Evaluation{};
    };
    FitOptions o;
    tiny.fit(run, o);
    CHECK(saved == 2);
}

#endif
