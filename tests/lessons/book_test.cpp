// SPDX-License-Identifier: MIT
// ./gradus read and ./gradus book, as programs.
#ifndef GRADUS_DOUBLE  // the program is built once
#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "nn/text/display_width.h"
#include "tests/lessons/learner.h"
#include "tests/pages/pages.h"
#include "tests/pseudo_terminal.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

ProcessResult read_at(const Learner& learner, const char* columns, const Words& words) {
    Words command = {kCourse};
    command.insert(command.end(), words.begin(), words.end());
    ProcessOptions options;
    options.environment = learner.environment();
    options.environment.emplace_back("COLUMNS", columns);
    return run_to_end(command, options);
}

}  // namespace

TEST_CASE("read: through a pipe, a lesson comes whole, without stops, in 40 columns") {
    const Learner learner;
    for (const char* lesson : {"03", "06", "11", "12"}) {
        CAPTURE(lesson);
        const ProcessResult result = read_at(learner, "40", {"read", lesson});
        CAPTURE(result.err);
        CHECK(result.code == 0);
        CHECK(!contains(result.out, "\x1b"));
        CHECK(!contains(result.out, "Press Enter"));
        for (const auto& line : lines_of(result.out))
            if (display_width(line) > 40) CHECK(line == "");
    }
    CHECK(!fs::exists(learner.own("")));  // reading is not starting
    const std::string out = read_at(learner, "80", {"read", "03"}).out;
    CHECK(contains(out, "    cᵢⱼ = Σ[k=0..K-1] aᵢₖ bₖⱼ\n"));
    CHECK(
        contains(out, "Count from the loops.\n\nThe answer:\nOne for each i, j and k: 100 times"));
    CHECK(contains(out, "`unfinished(...)`"));
    CHECK(contains(out, "\n    softmax of (1001, 1002, 1003):\n      0.0900 0.2447 0.6652\n"));
    CHECK(contains(out, "(https://arxiv.org/abs/1909.03469)"));
    CHECK(contains(out, "T 0.25: 3 █"));  // the picture, and what its caption says
    CHECK(contains(out, "Look for: the order stays."));
    CHECK(out.find("chart of softmax at three") < out.find("T 0.25: 3"));
}

TEST_CASE("read: in ASCII, if the terminal has nothing else") {
    const Learner learner;
    for (const char* lesson : {"00", "02", "11"}) {
        CAPTURE(lesson);
        const ProcessResult result = learner.run({"read", lesson, "--ascii"});
        CHECK(result.code == 0);
        CHECK(std::none_of(result.out.begin(), result.out.end(), [](char c) { return c < 0; }));
        CHECK(!contains(result.out, "??"));
    }
    CHECK(contains(learner.run({"read", "11", "--ascii"}).out, "m_hat_t = m_t/(1 - beta_1^t)"));
}

TEST_CASE("read: at a terminal, the answer comes after a key, and q ends") {
    const Learner learner;
    PseudoTerminal terminal;
    terminal.environment = learner.environment();
    terminal.environment.emplace_back("TERM", "xterm");
    const std::string answer = "thousand million a second";
    const std::string question = "Your answer first";
    bool asked = false, hidden = false;
    std::size_t seen = 0;
    terminal.on_output = [&](int master, const std::string& out) {
        for (std::size_t at; (at = out.find("Press Enter to read on", seen)) != out.npos ||
                             (at = out.find(question, seen)) != out.npos;) {
            const bool of_answer = out.compare(at, question.size(), question) == 0;
            seen = at + 1;
            if (asked && of_answer) {  // the second question: that is enough
                CHECK(::write(master, "q\n", 2) == 2);
                return;
            }
            if (of_answer) asked = true, hidden = !contains(out, answer);
            CHECK(::write(master, "\n", 1) == 1);
        }
    };
    const TerminalResult result = run_in_terminal({kCourse, "read", "03"}, terminal);
    CHECK(result.code == 0);
    CHECK(asked);
    CHECK(hidden);
    CHECK(contains(result.out, answer));
    CHECK(contains(result.out, "\x1b[1mmatmul\x1b[0m"));
    CHECK(!contains(result.out, "NaN one step later"));  // after the second question
}

TEST_CASE("book: all lessons on one page, which needs nothing else") {
    const Learner learner;
    const ProcessResult result = learner.run({"book"});
    CAPTURE(result.err);
    CHECK(result.code == 0);
    const std::string page = read_file(learner.own("book.html"));
    CHECK(contains(result.out, "book.html"));
    CHECK(page.size() < 1'000'000);
    for (const char* number : {"00", "03", "12"})
        CHECK(contains(page, std::string("<a href=\"#lesson-") + number + "\">"));
    CHECK(count_of(page, "<article ") == 25);
    CHECK(count_of(page, "<figure>") >= 34);
    CHECK(count_of(page, "<details>") >= 30);
    CHECK(count_of(page, "<math") > 400);
    CHECK(!contains(page, "<script"));
    // Every link within the page leads somewhere; every other is https.
    static const std::regex link("href=\"([^\"]*)\"");
    for (std::sregex_iterator i(page.begin(), page.end(), link), end; i != end; ++i) {
        const std::string target = (*i)[1];
        CAPTURE(target);
        if (target.starts_with("#"))
            CHECK(contains(page, "id=\"" + target.substr(1) + "\""));
        else
            CHECK((target.starts_with("https://") || target == "data:,"));
    }
    CHECK(!contains(page, "src="));
    const std::string elsewhere = learner.path("a b.html");
    CHECK(learner.run({"book", "--out", elsewhere}).code == 0);
    CHECK(read_file(elsewhere) == page);  // and it is the same each time
    const ProcessResult failed = learner.run({"book", "--out", learner.path("no/where.html")});
    CHECK(failed.code == 2);
    CHECK(contains(failed.err, "no/where.html"));
    if (can_open_pages()) check_good({elsewhere}, kChecksOfABook);
}
#endif
