// SPDX-License-Identifier: MIT
// The training display of ./gradus gpt in terminals of many kinds.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>
#include <cstring>

#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/pseudo_terminal.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr int kSteps = kSanitized ? 20 : 60;

// English stories and a small model: a few seconds, no chat afterwards.
std::vector<std::string> small_training(const std::string& out, int steps = kSteps) {
    return {GRADUS_BINARY_DIR "/bin/gradus-gpt",
            "gpt",
            "--layers",
            "1",
            "--heads",
            "2",
            "--width",
            "16",
            "--batch",
            "8",
            "--threads",
            "1",
            "--no-chat",
            "--steps",
            std::to_string(steps),
            "--out",
            out};
}

// An environment that does not depend on who runs the tests.
Environment environment(const Environment& more = {}) {
    Environment all = {
        {"TERM", "xterm-256color"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}, {"FORCE_COLOR", ""}};
    all.insert(all.end(), more.begin(), more.end());
    return all;
}

bool has_colour(const std::string& text) {
    for (std::size_t at = text.find("\x1b["); at != std::string::npos;
         at = text.find("\x1b[", at + 1)) {
        const std::size_t end = text.find_first_not_of("0123456789;", at + 2);
        if (end != std::string::npos && text[end] == 'm') return true;
    }
    return false;
}

}  // namespace

TEST_CASE("in a terminal the display moves, fits every width, and leaves a clean screen" *
          kFullSpeedOnly) {
    for (const int columns : {40, 80, 200}) {
        CAPTURE(columns);
        const TemporaryFolder folder;
        const TerminalResult result = run_in_terminal(
            small_training(folder.file("run")), {.columns = columns, .environment = environment()});
        CHECK(result.code == 0);
        CHECK(contains(result.out, "\x1b["));  // it moves
        CHECK(has_colour(result.out));
        CHECK(contains(result.out, "ETA "));
        CHECK(contains(result.out, "lr "));
        Screen screen(columns);
        const std::size_t end = result.out.find("Done in ");
        screen.feed(result.out.substr(0, end));
        CHECK(screen.wrapped() == 0);  // a path of any length follows
        screen.feed(result.out.substr(end));
        CHECK_FALSE(contains(screen.text(), "ETA "));  // gone when done
        CHECK(contains(screen.text(), "Done in "));
        CHECK(
            contains(screen.text(), fmt::format("step    {}  val ", kSteps)));  // the samples stay
    }
}

TEST_CASE("NO_COLOR removes the colour and leaves the bar; FORCE_COLOR gives way to it" *
          kFullSpeedOnly) {
    const TemporaryFolder folder;
    for (const char* force : {"", "1"}) {
        CAPTURE(force);
        const TerminalResult result = run_in_terminal(
            small_training(folder.file(std::string("run") + force)),
            {.environment = environment({{"NO_COLOR", "1"}, {"FORCE_COLOR", force}})});
        CHECK(result.code == 0);
        CHECK_FALSE(has_colour(result.out));
        CHECK(contains(result.out, "ETA "));
        CHECK(contains(result.out, "\x1b["));
    }
}

TEST_CASE("a dumb terminal and --plain get whole lines without an escape" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    const TerminalResult dumb = run_in_terminal(small_training(folder.file("dumb")),
                                                {.environment = environment({{"TERM", "dumb"}})});
    CHECK(dumb.code == 0);
    CHECK_FALSE(contains(dumb.out, "\x1b"));
    CHECK(contains(dumb.out, fmt::format("step={0}/{0} ", kSteps)));
    auto words = small_training(folder.file("plain"));
    words.emplace_back("--plain");
    const TerminalResult plain = run_in_terminal(words, {.environment = environment()});
    CHECK(plain.code == 0);
    CHECK_FALSE(contains(plain.out, "\x1b"));
    CHECK(contains(plain.out, fmt::format("step={0}/{0} ", kSteps)));
}

TEST_CASE("a pipe gets no escape even when colour is forced" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    const ProcessResult result = run_to_end(small_training(folder.file("run")),
                                            {.environment = environment({{"FORCE_COLOR", "1"}})});
    CHECK(result.code == 0);
    CHECK_FALSE(contains(result.out, "\x1b"));
    CHECK_FALSE(contains(result.out, "\r"));
}

TEST_CASE("a locale without UTF-8, and --ascii, get ASCII only") {
    const TemporaryFolder folder;
    const TerminalResult locale =
        run_in_terminal(small_training(folder.file("locale")),
                        {.environment = environment({{"LC_ALL", "C"}, {"LANG", "C"}})});
    CHECK(locale.code == 0);
    CHECK(contains(locale.out, "ETA "));
    CHECK(is_ascii(locale.out));
    auto words = small_training(folder.file("ascii"));
    words.emplace_back("--ascii");
    const TerminalResult chosen = run_in_terminal(words, {.environment = environment()});
    CHECK(chosen.code == 0);
    CHECK(is_ascii(chosen.out));
    const TerminalResult unicode =
        run_in_terminal(small_training(folder.file("unicode")), {.environment = environment()});
    CHECK_FALSE(is_ascii(unicode.out));  // so the two checks above can fail
}

TEST_CASE("the window may be resized while the display moves") {
    const TemporaryFolder folder;
    bool resized = false;
    const TerminalResult result = run_in_terminal(
        small_training(folder.file("run"), 150),
        {.columns = 120, .environment = environment(), .on_output = [&](int master, auto& out) {
             if (resized || !contains(out, "step    15 ")) return;
             resized = true;
             winsize size{};
             size.ws_col = 50;
             size.ws_row = 20;
             ::ioctl(master, TIOCSWINSZ, &size);
         }});
    CHECK(result.code == 0);
    CHECK(resized);
    // Everything drawn after the last evaluation fits 50 columns.
    Screen screen(50);
    const std::size_t begin = result.out.find("step    75 "), end = result.out.find("Done in ");
    screen.feed(result.out.substr(begin, end - begin));
    CHECK(screen.wrapped() == 0);
    screen.feed(result.out.substr(end));
    CHECK(contains(screen.text(), "Done in "));
    CHECK_FALSE(contains(screen.text(), "ETA "));
}

TEST_CASE("a window of few lines keeps the bar") {
    const TemporaryFolder folder;
    const TerminalResult result = run_in_terminal(small_training(folder.file("run")),
                                                  {.rows = 6, .environment = environment()});
    CHECK(result.code == 0);
    CHECK(contains(result.out, "ETA "));
    CHECK_FALSE(contains(result.out, "uniform 3.74"));
}

TEST_CASE("a line printed by somebody else does not destroy the display") {
    const TemporaryFolder folder;
    bool printed = false;
    const TerminalResult result =
        run_in_terminal(small_training(folder.file("run"), 150),
                        {.environment = environment(), .on_output = [&](int master, auto& out) {
                             if (printed || !contains(out, "step    15 ")) return;
                             printed = true;
                             char name[100];
                             if (::ptsname_r(master, name, sizeof name) != 0) return;
                             std::FILE* terminal = std::fopen(name, "w");
                             if (!terminal) return;
                             std::fputs("you have mail\n", terminal);
                             std::fclose(terminal);
                         }});
    CHECK(result.code == 0);
    CHECK(printed);
    Screen screen(80);
    screen.feed(result.out);
    CHECK(contains(result.out, "you have mail"));
    CHECK(contains(screen.text(), "Done in "));
    // At most the contents of one line are left over.
    CHECK(count_of(screen.text(), "ETA ") <= 1);
}

TEST_CASE("Ctrl-C in a chat stops the answer, not the conversation") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    REQUIRE(run_to_end(small_training(run, 2)).code == 0);
    bool stopped = false, left = false;
    std::size_t length = 0;
    PseudoTerminal terminal{.environment = environment(), .seconds = 60};
    terminal.on_output = [&](int master, const std::string& out) {
        const auto type = [&](const char* keys) {
            CHECK(::write(master, keys, std::strlen(keys)) > 0);
        };
        if (length == 0 && out.ends_with("> ")) {
            length = out.size();
            type("Mia\n");
        } else if (length > 0 && !stopped && out.size() > length + 100) {  // it is writing
            stopped = true;
            type("\x03");
        } else if (stopped && !left && out.ends_with("\n> ")) {
            left = true;
            type("\x04");
        }
    };
    const TerminalResult result = run_in_terminal(
        {GRADUS_BINARY_DIR "/bin/gradus-gpt", "chat", run, "--tokens", "100000000"}, terminal);
    CHECK(result.code == 0);
    CHECK(stopped);
    CHECK(left);
    CHECK(contains(result.out, "Ctrl-C stops an answer."));
}
#endif
