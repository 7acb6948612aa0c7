// SPDX-License-Identifier: MIT
// The program bin/gradus-gpt when it is interrupted, killed, out of disk, or given damaged files:
// nothing is lost, and what comes back is the run that was, bit for bit.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <pty.h>
#include <sys/mount.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <thread>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/run/text_run.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;
using Clock = std::chrono::steady_clock;

// A model so small that a step takes less than a millisecond.
Words command(const Words& first, const Words& more = {}) {
    Words words = {GRADUS_BINARY_DIR "/bin/gradus-gpt", "gpt"};
    words.insert(words.end(), first.begin(), first.end());
    words.insert(words.end(), {"--threads", "1"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
}
Words start(const std::string& out, const Words& more = {}, const std::string& data = "tales-zh") {
    return command({"--data", data, "--layers", "1", "--heads", "2", "--width", "16", "--batch",
                    "4", "--out", out},
                   more);
}
// Running text: no stories to check at the end.
std::string book(const std::string& path, int characters) {
    Random random(1);
    std::string text;
    for (int i = 0; i < characters; ++i) text += "abcdefghij \n"[random.below(12)];
    write_file(path, text);
    return path;
}

// Sends a signal as soon as the output contains `sign`, and measures the time until the end.
struct Interrupted {
    ProcessResult result;
    double seconds = -1;  // from the signal to the end; negative: it was not sent
};
Interrupted interrupt(const Words& words, const std::string& sign, const std::vector<int>& signals,
                      double delay = 0) {
    Interrupted out;
    Clock::time_point sent{};
    ProcessOptions options;
    options.on_output = [&](pid_t process, const std::string& text) {
        if (sent != Clock::time_point{} || !contains(text, sign)) return;
        if (delay > 0) ::usleep(static_cast<useconds_t>(1e6 * delay));
        sent = Clock::now();
        for (const int signal : signals) ::kill(process, signal);
    };
    out.result = run_to_end(words, options);
    if (sent != Clock::time_point{})
        out.seconds = std::chrono::duration<double>(Clock::now() - sent).count();
    return out;
}

bool same_state(const std::string& a, const std::string& b) {
    return read_file(a + "/model.safetensors") == read_file(b + "/model.safetensors") &&
           read_file(a + "/resume.safetensors") == read_file(b + "/resume.safetensors");
}

#ifdef __linux__
// A file system in memory with room for so many megabytes.
class SmallDisk {
 public:
    SmallDisk(const std::string& path, const char* size) : path_(path) {
        fs::create_directory(path);
        mounted_ = ::mount("none", path.c_str(), "tmpfs", 0, size) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount(path_.c_str());
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    bool mounted() const { return mounted_; }

 private:
    std::string path_;
    bool mounted_;
};

#endif

void flip(const std::string& path, std::size_t at) {
    std::string bytes = read_file(path);
    bytes[at] = static_cast<char>(bytes[at] ^ 1);
    write_file(path, bytes);
}

}  // namespace

TEST_CASE("a signal is seen inside a step of many micro-batches, and saves the last whole step") {
    const TemporaryFolder folder;
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        CAPTURE(signal);
        const std::string run = folder.file(std::to_string(signal));
        const Interrupted end =
            interrupt(start(run, {"--accumulate", "10000000"}), "step=0/", {signal});
        CHECK(end.result.code == 130);
        CHECK(end.seconds >= 0);
        CHECK(end.seconds < (kSanitized ? 10 : 1));
        CHECK(contains(end.result.out, "interrupted steps=0 "));
        CHECK(load_text_run(run).result.steps == 0);
        CHECK_FALSE(fs::exists(run + "/run.lock"));
    }
}

TEST_CASE("a terminal that is closed saves the run, and the program ends by itself") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    Words words = start(run, {"--steps", "1000000"});
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    int master = -1;
    const pid_t child = ::forkpty(&master, nullptr, nullptr, nullptr);
    if (child == 0) {
        ::signal(SIGHUP, SIG_DFL);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }
    std::string text;
    char piece[4096];
    while (!contains(text, "step 1") && !contains(text, "step=1")) {
        const ssize_t n = ::read(master, piece, sizeof piece);
        REQUIRE(n > 0);
        text.append(piece, static_cast<std::size_t>(n));
    }
    ::close(master);
    int status = 0;
    ::waitpid(child, &status, 0);
    CHECK(WIFEXITED(status));
    CHECK(load_text_run(run).result.steps > 0);
    CHECK_FALSE(fs::exists(run + "/run.lock"));
}

TEST_CASE("weights that are not finite, from elsewhere, are warned of") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    REQUIRE(run_to_end(start(run, {"--steps", "1"})).code == 0);
    nlohmann::json old = parse_checked_json(read_file(run + "/run.json"));
    old.erase("files");
    write_file(run + "/run.json", old.dump());
    std::string bytes = read_file(run + "/model.safetensors");
    const std::uint32_t nan = 0x7FC00000;
    bytes.replace(bytes.size() - 4, 4, reinterpret_cast<const char*>(&nan), 4);
    write_file(run + "/model.safetensors", bytes);
    const ProcessResult result =
        run_to_end({GRADUS_BINARY_DIR "/bin/gradus-gpt", "sample", run, "--tokens", "5"});
    CHECK(contains(result.err, "gradus: warning: " + run + "/model.safetensors: tensor \""));
    CHECK(contains(result.err, "\" holds NaN or infinity\n"));
}

TEST_CASE("a second Ctrl-C ends the program at once, and the last checkpoint is whole") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    const Interrupted end = interrupt(start(run, {"--accumulate", "10000000"}), "step=0/",
                                      {SIGSTOP, SIGINT, SIGTERM, SIGCONT});
    CHECK((end.result.code == 128 + SIGINT || end.result.code == 128 + SIGTERM));
    TextModel model = load_text_model(run, load_text_run(run));
    CHECK(parameter_count(model) > 0);
}

TEST_CASE("a second process in the same folder is refused with the first one's id") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    bool tried = false;
    ProcessOptions options;
    options.on_output = [&](pid_t process, const std::string& text) {
        if (tried || !contains(text, "step=0/")) return;
        tried = true;
        const ProcessResult second = run_to_end(command({"--resume", run}));
        CHECK(second.code == 2);
        CHECK(contains(second.err, "gradus: " + run + "/run.lock: locked by process " +
                                       std::to_string(process) + " on "));
        ::kill(process, SIGINT);
    };
    CHECK(run_to_end(start(run, {"--steps", "1000000"}), options).code == 130);
    CHECK(tried);
}

TEST_CASE("another text with the same characters, and damaged weights, are refused by name") {
    const TemporaryFolder folder;
    const std::string book = folder.file("book.txt"), run = folder.file("run");
    std::string text;
    for (int i = 0; i < 100; ++i) text += "one two three four five\n";
    write_file(book, text);
    const Words small = {"--layers",  "1",  "--heads", "1", "--width", "8",
                         "--context", "16", "--batch", "2", "--steps", "2"};
    Words words = command({"--data", book, "--out", run}, small);
    REQUIRE(run_to_end(words).code == 0);
    const std::string before = read_file(run + "/run.json");
    const Words resume = command({"--resume", run, "--steps", "4"});
    const auto refused = [](const Words& line, const std::string& part) {
        const ProcessResult result = run_to_end(line);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(count_of(result.err, "\n") == 1);
        CHECK(contains(result.err, part));
    };
    std::string other = text;
    std::swap(other[0], other[1]);
    write_file(book, other);
    refused(resume, "gradus: " + book + ": the file has changed: its checksum is ");
    CHECK(read_file(run + "/run.json") == before);
    write_file(book, text);

    const Words sample = {GRADUS_BINARY_DIR "/bin/gradus-gpt", "sample", run, "--tokens", "5"};
    const std::string model = run + "/model.safetensors", state = run + "/resume.safetensors";
    flip(model, fs::file_size(model) - 3);
    refused(sample, "gradus: " + model + ": damaged: ");
    flip(model, fs::file_size(model) - 3);
    flip(state, fs::file_size(state) / 2);
    CHECK(run_to_end(sample).code == 0);
    refused(resume, "gradus: " + state + ": damaged: ");
    flip(state, fs::file_size(state) / 2);
    flip(run + "/run.json", before.find("\"val\"") + 9);
    refused(sample, "gradus: " + run + "/run.json: \"checksum\" is ");
    refused(resume, "gradus: " + run + "/run.json: \"checksum\" is ");
    write_file(run + "/run.json", before);
    CHECK(run_to_end(resume).code == 0);
}

#ifdef __linux__
TEST_CASE(
    "a disk that is really full: the run says what is whole, and resumes once there is room") {
    const TemporaryFolder folder;
    const std::string disk = folder.file("disk"), run = disk + "/run", whole = folder.file("whole");
    const SmallDisk small(disk, "size=2m");
    if (!small.mounted()) {
        MESSAGE("skipped: this account may not mount a file system");
        return;
    }
    // 320 kB of weights and, with AdamW, 960 kB of resume state: one checkpoint fits, no second one
    // beside it.
    const std::string data = book(folder.file("book.txt"), 4000);
    const Words larger = {"--data",    data, "--layers",    "1",     "--heads", "2",
                          "--width",   "80", "--batch",     "2",     "--steps", "4",
                          "--context", "16", "--optimiser", "adamw", "--out"};
    Words words = larger;
    words.push_back(run);
    const ProcessResult full = run_to_end(command(words));
    CAPTURE(full.out);
    CAPTURE(full.err);
    CHECK(full.code == 2);
    CHECK(contains(full.out, "the checkpoint of step 0 is whole; continuing, and trying again"));
    CHECK(contains(full.err, "gradus: " + run + ": step 4 is not saved: "));
    CHECK(contains(full.err,
                   "No space left on device (the disk or its quota is full); the "
                   "checkpoint of step 0 is whole"));
    CHECK(load_text_run(run).result.steps == 0);
    CHECK(::mount("none", disk.c_str(), "tmpfs", MS_REMOUNT, "size=8m") == 0);
    CHECK(run_to_end(command({"--resume", run})).code == 0);
    words.back() = whole;
    CHECK(run_to_end(command(words)).code == 0);
    CHECK(same_state(run, whole));
}

TEST_CASE("a disk that fills up at 50 random times costs no checkpoint" *
          doctest::test_suite("long")) {
    const TemporaryFolder folder;
    const std::string disk = folder.file("disk"), filler = disk + "/filler";
    const SmallDisk small(disk, "size=2m");
    if (!small.mounted()) {
        MESSAGE("skipped: this account may not mount a file system");
        return;
    }
    const std::string data = book(folder.file("book.txt"), 4000);
    const Words options = {"--context", "16", "--steps",       "3000",
                           "--warmup",  "1",  "--evaluations", "30"};
    const std::string run = disk + "/run", whole = folder.file("whole");
    const ProcessResult undisturbed = run_to_end(start(run, options, data));
    REQUIRE(undisturbed.code == 0);
    const double usual = undisturbed.seconds;
    fs::copy(run, whole);
    fs::remove_all(run);
    Random random(1);
    int failed = 0;
    for (int i = 0; i < 50; ++i) {
        CAPTURE(i);
        // From that moment on, whatever a save sets free is taken at once.
        std::jthread filling;
        ProcessOptions watch;
        watch.on_output = [&](pid_t, const std::string& text) {
            if (filling.joinable() || !contains(text, "params=")) return;
            filling =
                std::jthread([&, wait = 0.7 * usual * random.uniform()](std::stop_token stop) {
                    ::usleep(static_cast<useconds_t>(1e6 * wait));
                    std::ofstream file(filler);
                    for (const std::string block(4096, 'x'); !stop.stop_requested();)
                        if (!file.write(block.data(), 4096).flush()) file.clear(), ::usleep(100);
                });
        };
        const ProcessResult full = run_to_end(start(run, options, data), watch);
        filling = {};  // has it stop, and waits for it
        CAPTURE(full.out);
        CAPTURE(full.err);
        CHECK((full.code == 0 || full.code == 2));
        if (full.code == 2) {
            ++failed;
            CHECK(contains(full.err, "No space left on device"));
            CHECK(std::count(full.err.begin(), full.err.end(), '\n') == 1);
        }
        fs::remove(filler);
        const bool saved = holds_run(run);
        if (saved) CHECK(contains(full.err + full.out, "is whole") == (full.code == 2));
        const Words again = saved ? command({"--resume", run}) : start(run, options, data);
        if (full.code == 2) CHECK(run_to_end(again).code == 0);
        CHECK(same_state(run, whole));
        fs::remove_all(run);
    }
    fmt::print(stderr, "{} of 50 runs ended with a full disk\n", failed);
    CHECK(failed > 20);
}
#endif

TEST_CASE("killed 200 times at random, a run ends as one that never was" *
          doctest::test_suite("long")) {
    const TemporaryFolder folder;
    const std::string data = book(folder.file("book.txt"), 4000);
    const Words options = {"--context", "16",          "--steps",        "40",    "--evaluations",
                           "5",         "--keep-best", "--save-minutes", "0.0001"};
    const std::string whole = folder.file("whole");
    const ProcessResult undisturbed = run_to_end(start(whole, options, data));
    REQUIRE(undisturbed.code == 0);
    const double usual = undisturbed.seconds;
    Random random(1);
    int killed = 0, afresh = 0, resumed = 0;
    while (killed < 200) {
        const std::string run = folder.file("run" + std::to_string(killed));
        const auto once = [&](double seconds) {
            const bool there = holds_run(run);
            const Words words = there ? command({"--resume", run}) : start(run, options, data);
            ProcessOptions limit;
            limit.seconds = seconds;
            limit.default_signals = true;
            const ProcessResult result = run_process(words, limit);
            CAPTURE(result.err);
            if (!result.late) CHECK(result.code == 0);
            if (result.late) ++killed;
            if (result.late) ++(holds_run(run) ? resumed : afresh);
            return !result.late;
        };
        // Up to three times in a row.
        for (int i = 0; i < 3; ++i)
            if (once(usual * 1.1 * random.uniform())) break;
        CHECK(once(60));
        CHECK(same_state(run, whole));
        CHECK(read_file(run + "/best.safetensors") == read_file(whole + "/best.safetensors"));
        for (const auto& entry : fs::directory_iterator(run)) {
            const std::string name = entry.path().filename().string();
            CAPTURE(name);
            CHECK_FALSE((contains(name, ".new") || contains(name, ".tmp") ||
                         contains(name, ".lock") || contains(name, ".damaged")));
        }
        fs::remove_all(run);
    }
    fmt::print(stderr, "killed {} times: {} before the first whole save, {} after\n", killed,
               afresh, resumed);
}

TEST_CASE("INT, TERM and HUP at any time are acted on within a second" *
          doctest::test_suite("long")) {
    const TemporaryFolder folder;
    const std::string data = book(folder.file("book.txt"), 400'000);
    // A step takes about a second, and so does the final evaluation.
    const Words options = {"--context",    "64",  "--steps",       "3", "--warmup", "1",
                           "--accumulate", "800", "--evaluations", "3"};
    const ProcessResult undisturbed = run_to_end(start(folder.file("whole"), options, data));
    REQUIRE(undisturbed.code == 0);
    const double usual = undisturbed.seconds;
    Random random(1);
    double slowest = 0;
    int stopped = 0;
    for (int i = 0; i < 75; ++i) {
        CAPTURE(i);
        const std::string run = folder.file(std::to_string(i));
        const int signal = std::array{SIGINT, SIGTERM, SIGHUP}[static_cast<std::size_t>(i % 3)];
        const Interrupted end = interrupt(start(run, options, data), "params=", {signal},
                                          0.9 * usual * random.uniform());
        if (end.result.code != 0) CHECK(end.result.code == 130);
        if (end.result.code == 130) slowest = std::max(slowest, end.seconds), ++stopped;
        CHECK(end.seconds < 1);
        if (end.result.code == 130) CHECK(run_to_end(command({"--resume", run})).code == 0);
        CHECK(same_state(run, folder.file("whole")));
        fs::remove_all(run);
    }
    fmt::print(stderr, "{} signals of 75 stopped a run of {:.1f} s, the slowest in {:.2f} s\n",
               stopped, usual, slowest);
    CHECK(stopped > 40);
}

TEST_CASE("1000 changed bytes and 200 cuts in the weights of a run, none of them used" *
          doctest::test_suite("long")) {
    const TemporaryFolder folder(memory_folder());
    const std::string run = folder.file("run");
    REQUIRE(run_to_end(start(run, {"--steps", "2"})).code == 0);
    Random random(1);
    for (const char* name : {"/model.safetensors", "/run.json"}) {
        const std::string path = run + name, whole = read_file(path);
        for (int i = 0; i < 1200; ++i) {
            CAPTURE(i);
            std::string damaged = whole;
            const std::size_t at = random.below(static_cast<std::uint32_t>(whole.size()));
            if (i < 1000)
                damaged[at] =
                    static_cast<char>(damaged[at] ^ static_cast<char>(1 + random.below(255)));
            else
                damaged.resize(at);
            write_file(path, damaged);
            CHECK_THROWS_WITH_AS(load_text_model(run, load_text_run(run)),
                                 doctest::Contains((path + ": ").c_str()), FileError);
        }
        write_file(path, whole);
    }
}

#endif
