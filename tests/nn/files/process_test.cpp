// SPDX-License-Identifier: MIT
#include "nn/files/process.h"

#include <doctest/doctest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <vector>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

ProcessResult script(const std::string& line, const ProcessOptions& options = {}) {
    return run_process({"sh", "-c", line}, options);
}

}  // namespace

TEST_CASE("a program's exit code and both of its outputs come back") {
    const ProcessResult result = script("echo out; echo err >&2; exit 3");
    CHECK(result.code == 3);
    CHECK(result.signal == 0);
    CHECK_FALSE(result.late);
    CHECK(result.out == "out\n");
    CHECK(result.err == "err\n");
}

TEST_CASE("a program is looked for in PATH, and one that is not there ends with 127") {
    CHECK(run_process({"true"}).code == 0);
    CHECK(run_process({"/nowhere/true"}).code == 127);
    CHECK(run_process({"no such program"}).code == 127);
}

TEST_CASE("a program reads its input to the end, however long, and no input is an empty one") {
    const std::string long_input(300'000, 'x');  // more than a pipe holds
    CHECK(script("cat", {.input = long_input}).out == long_input);
    CHECK(script("cat").out == "");
}

TEST_CASE("a program has our environment with the changes, and runs where it is told to") {
    const TemporaryFolder folder;
    const ProcessResult result =
        script("echo $GRADUS_TEST_ONE:$HOME; pwd -P",
               {.environment = {{"HOME", "x"}, {"GRADUS_TEST_ONE", "a b"}, {"HOME", "elsewhere"}},
                .folder = folder.path()});
    CHECK(result.out.rfind("a b:elsewhere\n/", 0) == 0);
    CHECK(script("exit 0", {.folder = folder.file("none")}).code == 127);
}

TEST_CASE("a program may write to a file, up to a limit, or to nobody") {
    const TemporaryFolder folder;
    const std::string path = folder.file("out");
    write_file(path, "");
    CHECK(script("echo out", {.output = path}).out == "");
    CHECK(read_file(path) == "out\n");
    const ProcessResult full = script("while echo line; do :; done",
                                      {.output = path, .default_signals = true, .file_limit = 100});
    CHECK(full.signal == SIGXFSZ);
    CHECK(script("echo out; exit 0", {.reads_output = false, .default_signals = true}).out == "");
}

TEST_CASE("a program that does not end is ended, and of one that prints for ever a part is kept") {
    const ProcessResult asleep = script("exec sleep 100", {.seconds = 0.2});
    CHECK(asleep.late);
    CHECK(asleep.signal == SIGKILL);
    CHECK(asleep.seconds < 50);
    const ProcessResult loud = script("exec yes", {.seconds = 0.2, .kept = 1000});
    CHECK(loud.late);
    CHECK(loud.out.size() == 1000);
}

TEST_CASE("the last words of a program are not lost, whenever it ends") {
    // As long as a look at its output takes: 3 of 960 were lost when its end was asked for after that.
    std::atomic<int> lost = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 8; ++thread)
        threads.emplace_back([&] {
            for (int i = 0; i < (kSanitized ? 3 : 25); ++i)
                lost += run_process({"sh", "-c", "sleep 0.0485; echo last >&2"}).err != "last\n";
        });
    for (auto& thread : threads) thread.join();
    CHECK(lost == 0);
}

TEST_CASE("the end of a program counts, not that of a child that it leaves with its output") {
    const ProcessResult result = script("sleep 5 & echo done", {.seconds = 60});
    CHECK(result.out == "done\n");
    CHECK(result.seconds < 4);
}

TEST_CASE("a child that writes for ever, even in a session of its own, keeps nobody waiting") {
    const ProcessResult left = script("yes & echo done >&2", {.seconds = 3, .kept = 1000});
    CHECK(left.code == 0);
    CHECK_FALSE(left.late);
    CHECK(left.err == "done\n");
    if (script("command -v setsid").code != 0) return;
    const TemporaryFolder folder;
    const std::string started = folder.file("started");
    const ProcessResult away =
        script("mkfifo " + started + "; setsid sh -c 'echo >" + started +
                   "; exec head -c 6000000000 /dev/zero' & read x <" + started + "; echo done >&2",
               {.seconds = 3, .kept = 1000});
    CHECK(away.code == 0);
    CHECK_FALSE(away.late);
    CHECK(away.seconds < 2);
    CHECK(away.err == "done\n");
}

TEST_CASE("an output that cannot be opened is an error, and nothing is started") {
    const TemporaryFolder folder;
    const std::string made = folder.file("made");
    CHECK_THROWS_WITH_AS(script("touch " + made, {.output = folder.file("no/file")}),
                         doctest::Contains("no/file: cannot write: no such file or folder"),
                         FileError);
    CHECK(folder.files() == 0);
}

TEST_CASE("what a program writes is heard while it runs") {
    std::string heard;
    const auto stop = [&](pid_t process, const std::string& out) {
        heard = out;
        ::kill(process, SIGTERM);
    };
    const ProcessResult result =
        script("echo ready; exec sleep 100", {.default_signals = true, .on_output = stop});
    CHECK(heard == "ready\n");
    CHECK(result.signal == SIGTERM);
}

namespace {

// Whether a process still runs. One that has ended may stay in the list until somebody asks.
bool runs(const std::string& id) {
    std::ifstream in("/proc/" + id + "/stat");
    std::string line;
    return std::getline(in, line) && line.find(") Z") == std::string::npos;
}

bool ends(const std::string& id) {
    for (int i = 0; i < 300 && runs(id); ++i) ::usleep(10000);
    return !runs(id);
}

std::string first_word(const std::string& text) {
    return text.substr(0, text.find('\n'));
}

}  // namespace

TEST_CASE("what a program has started ends with it, at its end and at a time limit") {
    const ProcessResult left = script("sleep 100 >/dev/null 2>&1 & echo $!");
    CHECK(left.code == 0);
    REQUIRE_FALSE(left.out.empty());
    CHECK(ends(first_word(left.out)));
    const ProcessResult late = script("sleep 100 & echo $!; wait", {.seconds = 0.2});
    CHECK(late.late);
    REQUIRE_FALSE(late.out.empty());
    CHECK(ends(first_word(late.out)));
}

TEST_CASE("a program that closes its output and sleeps is ended, too") {
    const ProcessResult asleep = script("exec >&- 2>&-; exec sleep 100", {.seconds = 0.2});
    CHECK(asleep.late);
    CHECK(asleep.signal == SIGKILL);
}

TEST_CASE("a signal that ends us ends what we run, and a handler or an ignored signal stay so") {
    const TemporaryFolder folder;
    const std::string path = folder.file("id");
    // How a process ends that gets a signal while it runs a script: by that signal or, if it goes
    // on, with exit code 2 (the script ran into its time limit), 3 (the signal ended it) or 4.
    const auto status_after = [&](int number, void (*handler)(int), double seconds = 60) {
        write_file(path, "");
        const pid_t us = ::fork();
        if (us == 0) {
            ::signal(number, handler);
            const ProcessResult result =
                script("sleep 100 & echo $! >" + path + "; wait", {.seconds = seconds});
            ::_exit(result.late ? 2 : result.signal == number ? 3 : 4);
        }
        while (read_file(path).empty()) ::usleep(1000);
        ::kill(us, number);
        int status = 0;
        ::waitpid(us, &status, 0);
        CHECK(ends(first_word(read_file(path))));
        return status;
    };
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        CAPTURE(number);
        const int status = status_after(number, SIG_DFL);
        CHECK(WIFSIGNALED(status));
        CHECK(WTERMSIG(status) == number);
    }
    const int caught = status_after(SIGINT, [](int) {});
    CHECK(WIFEXITED(caught));
    CHECK(WEXITSTATUS(caught) == 3);
    const int ignored = status_after(SIGINT, SIG_IGN, 0.3);
    CHECK(WIFEXITED(ignored));
    CHECK(WEXITSTATUS(ignored) == 2);  // at the time limit
}
