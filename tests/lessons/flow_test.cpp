// SPDX-License-Identifier: MIT
// A learner's way through a lesson: time and tries, the offer of a hint, the fast track, a class, and
// Ctrl-C.
#ifndef GRADUS_DOUBLE  // the program is built once
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <memory>
#include <regex>
#include <thread>

#include "nn/text/display_width.h"
#include "tests/lessons/learner.h"
#include "tests/pseudo_terminal.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

std::string minutes_ago(int minutes) {
    const std::time_t time = std::time(nullptr) - 60 * minutes;
    char text[32];
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&time));
    return text;
}

std::string progress_of(const Learner& learner) {
    return read_file(learner.own("progress.txt"));
}

// As if the last command had been given some minutes earlier.
void go_back(const Learner& learner, int minutes) {
    write_file(learner.own("progress.txt"),
               std::regex_replace(progress_of(learner), std::regex("last=\\S+"),
                                  "last=" + minutes_ago(minutes)));
}

// Takes a compiler more than ten seconds.
std::string slow_to_compile() {
    std::string text = solution() +
                       "constexpr long slow(long sum) {\n    for (int i = 0; i < 200; ++i)\n"
                       "        for (int j = 0; j < 30000; ++j) sum += j;\n    return sum;\n}\n";
    for (const std::string n : {"1", "2", "3", "4"})
        text += "constexpr long k" + n + " = slow(" + n + ");\n";
    return text;
}

// Whether anything runs for this learner but the runner itself: a compiler or their code.
bool anything_runs(const Learner& learner) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator("/proc", error)) {
        std::ifstream in(entry.path() / "cmdline");
        std::string line;
        if (std::getline(in, line) && contains(line, learner.own(""))) return true;
    }
    return false;
}

}  // namespace

TEST_CASE(
    "tries are failed checks of changed code before the first pass, and time is time at work") {
    const Learner learner;
    learner.run({"start", "03"});
    const auto try_again = [&](const std::string& text, int minutes) {
        if (!text.empty()) learner.write(text);
        go_back(learner, minutes);
        learner.run({"check", "03"});
        return progress_of(learner);
    };
    CHECK(contains(try_again("", 5), "03-matmul tries=0"));  // the stub, red as it should be
    CHECK(contains(progress_of(learner), "stop=matmul\n"));
    CHECK(contains(try_again("no C++", 4), "tries=1"));
    CHECK(contains(progress_of(learner), "stop=compile"));
    CHECK(contains(try_again("no C++ // why?", 60), "tries=1"));  // dinner, and no new code
    CHECK(contains(try_again("not C++", 3), "tries=2"));
    CHECK(contains(try_again(replaced(solution(), "b[k * N + j]", "b[j * K + k]"), 2), "tries=3"));
    CHECK(contains(progress_of(learner), "stop=matmul/b-transposed"));
    CHECK(contains(learner.run({"list"}).out, "unfinished, 14 min, 3 tries, met: b-transposed"));
    CHECK_FALSE(contains(try_again(solution(), 2), "stop="));
    CHECK_FALSE(contains(progress_of(learner), "checked="));
    // What is broken on purpose afterwards is not a try.
    CHECK(contains(try_again("no C++", 5), "tries=3"));
    CHECK(contains(learner.run({"list"}).out, "changed since it passed, 16 min, 3 tries"));
    const Json list = Json::parse(learner.run({"list", "--json"}).out);
    CHECK(list["lessons"][3]["tries"] == 3);
    CHECK(list["lessons"][3]["seconds"] >= 960);
    CHECK(list["lessons"][3]["seconds"] < 1020);
}

TEST_CASE("past the usual time a hint is offered: once, in one line, and not to a script") {
    const auto learner_after = [](int minutes, const std::string& more) {
        auto learner = std::make_unique<Learner>();
        learner->write("no C++");
        write_file(learner->own("progress.txt"),
                   "03-matmul tries=5 hints=0 seconds=" + std::to_string(60 * minutes) +
                       " last=" + minutes_ago(2) + more + "\n");
        return learner;
    };
    const std::string words = "You have been at this for";
    auto learner = learner_after(53, "");
    CHECK_FALSE(contains(learner->run({"check", "03", "--json"}).out, words));
    const std::string out =
        std::regex_replace(learner->run({"check", "03"}).out, std::regex("\\s+"), " ");
    CAPTURE(out);
    CHECK(contains(out,
                   words + " 55 minutes; the usual is 40. ./gradus hint 03 gives a first hint."));
    CHECK_FALSE(contains(learner->run({"check", "03"}).out, words));
    CHECK(contains(progress_of(*learner), "offered=yes"));

    CHECK_FALSE(contains(learner_after(42, "")->run({"check", "03"}).out, words));  // 44 of 40
    CHECK_FALSE(contains(learner_after(53, " passed=ab")->run({"check", "03"}).out, words));
    CHECK(contains(learner_after(53, " hints=1")->run({"check", "03"}).out, "another hint"));
    CHECK(contains(learner_after(53, " hints=2")->run({"check", "03"}).out, "the last hint"));
    CHECK_FALSE(contains(learner_after(53, " hints=3")->run({"check", "03"}).out, words));
}

TEST_CASE("a try runs the last case of each function, and all of them once these pass") {
    const Learner learner;
    ProcessOptions narrow;
    narrow.environment = learner.environment();
    narrow.environment[1].second = "40";
    const ProcessResult stub = run_to_end({kCourse, "try", "03", "--ascii"}, narrow);
    CAPTURE(stub.out);
    CHECK(stub.code == 1);
    CHECK(contains(stub.out, "did not exist"));
    CHECK(contains(stub.out, "(0 of 3 last cases"));
    CHECK(is_ascii(stub.out));
    for (const auto& line : lines_of(stub.out)) CHECK(display_width(line) <= 40);

    // Wrong in the small cases only, which a try does not run: the whole check finds it.
    learner.write(with("if (M == 1) sum = 1;"));
    const ProcessResult found = learner.run({"try", "03"});
    CAPTURE(found.out);
    CHECK(found.code == 1);
    CHECK(contains(found.out, "The last case of each function passes. All cases:"));
    CHECK(contains(found.out, "of 12 cases"));
    CHECK_FALSE(contains(progress_of(learner), "passed="));

    learner.write(replaced(solution(), "c[i * N + j] = sum;", "c[i * N + j] = 2 * sum;"));
    const ProcessResult red = learner.run({"try", "03"});
    CAPTURE(red.out);
    CHECK(red.code == 1);
    CHECK(contains(red.out, "(2 of 3 last cases"));
    CHECK(contains(red.out, "✗ matmul   ✓ sum_forward   ✓ softmax_forward"));
    CHECK(contains(red.out, "A try runs the last case of each function."));
    CHECK(contains(progress_of(learner), "stop=matmul\n"));

    learner.write(solution());
    const ProcessResult green = learner.run({"try", "03"});
    CAPTURE(green.out);
    CHECK(green.code == 0);
    CHECK(contains(green.out, "passed (12 of 12 cases"));
    CHECK(contains(progress_of(learner), "passed="));
}

TEST_CASE("a class: where each learner stops, since when, and where most of them do") {
    const Learner learner;
    fs::create_directories(learner.path("class"));
    const auto put = [&](const std::string& name, const std::string& text) {
        write_file(learner.path("class/" + name + ".txt"), text);
    };
    put("anna",
        "03-matmul passed=ab tries=4 hints=1 seconds=2400 last=2026-11-20T10:00:00Z\n"
        "04-value tries=3 hints=0 stop=mul/mul-ignores-dy last=2026-11-28T10:00:00Z\n");
    put("berta",
        "03-matmul passed=ab tries=0 hints=0 seconds=1200\n"
        "04-value tries=9 hints=0 stop=mul last=2026-11-27T10:00:00Z\n"
        "05-order tries=1 hints=0 stop=compile last=2026-11-01T10:00:00Z\n");
    put("carl", "03-matmul passed=ab tries=1 hints=0 seconds=3000 stop=left-over\n");
    put("dora", "02-shapes tries=2 hints=0\n03-matmul tries=2 hints=0\n");  // an earlier version's
    put("emil", "04-value tries=0 hints=0 stop=add last=2026-11-28T09:00:00Z\n");
    const std::string out = learner.run({"class", learner.path("class")}).out;
    CAPTURE(out);
    CHECK(contains(out, "      where they stop\n"));
    CHECK(contains(out, "anna   04 mul: mul-ignores-dy (2026-11-28)\n"));
    CHECK(contains(out, "berta  04 mul (2026-11-27)\n"));
    CHECK(contains(out, "carl   -\n"));
    CHECK(contains(out, "dora   03\n"));
    CHECK(contains(out, "emil   04 add (2026-11-28)\n"));
    CHECK(
        contains(out, "03: 3 of 5 passed, the median in 40 minutes; the usual is 40. 1 of 5 stop"));
    CHECK(contains(out, "04: 3 of 5 stop here, 2 of them at mul."));
    const Json json = Json::parse(learner.run({"class", learner.path("class"), "--json"}).out);
    CHECK(json["learners"][0]["stop"] == Json{{"lesson", "04-value"},
                                              {"function", "mul"},
                                              {"misconception", "mul-ignores-dy"},
                                              {"last", "2026-11-28T10:00:00Z"}});
    CHECK(json["lessons"][4]["most_stop_at"] == "mul");
    CHECK(json["lessons"][4]["stop_here"] == 3);
    // What a learner wrote into the file does not reach the terminal.
    put("fritz", "04-value tries=1 stop=\x1b[31m/\x07\n");
    ProcessOptions narrow;
    narrow.environment = learner.environment();
    narrow.environment[1].second = "40";
    const ProcessResult result = run_to_end({kCourse, "class", learner.path("class")}, narrow);
    CHECK_FALSE(contains(result.out, "\x1b"));
    for (const auto& line : lines_of(result.out)) CHECK(display_width(line) <= 40);
}

TEST_CASE("Ctrl-C ends a check at once, with the compiler or the code that it runs") {
    for (const bool compiles : {true, false}) {
        CAPTURE(compiles);
        const Learner learner;
        learner.write(compiles ? slow_to_compile() : with("for (volatile int n = 0;;) n = 1 - n;"));
        bool pressed = false;
        PseudoTerminal terminal;
        terminal.environment = learner.environment();
        terminal.environment.emplace_back("TERM", "xterm");
        std::thread person;
        int master = -1;
        terminal.on_output = [&](int end, const std::string&) {
            if (master >= 0) return;
            master = end;  // "checking ..." is there
            person = std::thread([&] {
                const std::string results = learner.own(".build/03-matmul/03-matmul.results");
                for (int i = 0; i < 6000; ++i, ::usleep(5000))
                    if (compiles ? anything_runs(learner) : fs::exists(results)) break;
                CHECK(anything_runs(learner));
                pressed = ::write(master, "\x03", 1) == 1;
            });
        };
        const auto start = std::chrono::steady_clock::now();
        const TerminalResult result = run_in_terminal({kCourse, "check", "03"}, terminal);
        if (person.joinable()) person.join();
        CHECK(pressed);
        CHECK(result.code == 128 + SIGINT);
        for (int i = 0; i < 200 && anything_runs(learner); ++i) ::usleep(10000);
        CHECK_FALSE(anything_runs(learner));
        if (compiles) CHECK_FALSE(fs::exists(learner.own(".build/03-matmul/03-matmul.results")));
        CHECK_FALSE(fs::exists(learner.own("progress.txt")));  // it did not come to a verdict
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
    }
}

TEST_CASE("watch: q in the middle of a check leaves nothing running") {
    const Learner learner;
    learner.write(slow_to_compile());
    PseudoTerminal terminal;
    terminal.environment = learner.environment();
    terminal.environment.emplace_back("TERM", "xterm");
    bool seen = false;
    std::thread person;
    terminal.on_output = [&](int master, const std::string&) {
        if (person.joinable()) return;
        person = std::thread([&, master] {
            for (int i = 0; i < 6000 && !anything_runs(learner); ++i) ::usleep(5000);
            seen = anything_runs(learner);
            CHECK(::write(master, "q", 1) == 1);
        });
    };
    const TerminalResult result = run_in_terminal({kCourse, "watch", "03"}, terminal);
    if (person.joinable()) person.join();
    CHECK(seen);
    CHECK(result.code == 1);
    for (int i = 0; i < 200 && anything_runs(learner); ++i) ::usleep(10000);
    CHECK_FALSE(anything_runs(learner));
}

TEST_CASE("a folder that cannot be written to: one line says so, or a note beside the verdict") {
    // Root may write anywhere, unless that power is taken away.
    Words as_anyone;
    if (::geteuid() == 0) as_anyone = {"setpriv", "--bounding-set=-dac_override,-dac_read_search"};
    const auto run = [&](const Learner& learner, const Words& words) {
        Words command = as_anyone;
        command.push_back(kCourse);
        command.insert(command.end(), words.begin(), words.end());
        ProcessOptions options;
        options.environment = learner.environment();
        return run_to_end(command, options);
    };
    const Learner learner;
    learner.write(solution());
    if (run(learner, {"list"}).code != 0) {
        MESSAGE("skipped: setpriv is missing, or may not take powers from root");
        return;
    }
    const std::string folder = learner.own("");
    ::chmod(folder.c_str(), 0555);
    const ProcessResult refused = run(learner, {"check", "03"});
    CAPTURE(refused.err);
    CHECK(refused.code == 2);
    CHECK(contains(refused.err, "cannot make the folder"));
    CHECK(contains(refused.err, "GRADUS_COURSE_DIR"));
    CHECK(count_of(refused.err, "\n") == 1);
    CHECK(run(learner, {"doctor"}).code == 2);
    CHECK(run(learner, {"list"}).code == 0);

    // What is built may be written, progress.txt may not.
    ::chmod(folder.c_str(), 0755);
    fs::create_directories(learner.own(".build"));
    ::chmod(folder.c_str(), 0555);
    const ProcessResult noted = run(learner, {"check", "03"});
    CAPTURE(noted.out);
    CHECK(noted.code == 0);
    CHECK(contains(noted.out, "Your progress could not be recorded"));
    ::chmod(folder.c_str(), 0755);
}

#endif
