// SPDX-License-Identifier: MIT
// Text that attacks the terminal, on every way to it: data, samples, prompts, names, errors.
#ifndef GRADUS_DOUBLE  // the programs are built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/pseudo_terminal.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// Sets the window's title, switches to the second screen, asks the terminal to answer on standard
// input, rings, overwrites; the same begun by C1 codes; and a text that changes direction.
constexpr const char* kHostile =
    "\x1b]0;owned\x07 \x1b[?1049h \x1b[6n \x1bP$q q\x1b\\ \r\b\x7f\x0e "
    "\xC2\x9B"
    "2J \xC2\x9D"
    "52;c;b3duZWQ=\xC2\x9C \xE2\x80\xAE drawkcab\n";

Words command(const Words& words) {
    Words all = {GRADUS_BINARY_DIR "/bin/gradus-gpt"};
    all.insert(all.end(), words.begin(), words.end());
    return all;
}

Words training(const std::string& data, const std::string& out) {
    return {"gpt",     "--data",    data,        "--layers",  "1",       "--heads", "2",
            "--width", "16",        "--context", "32",        "--batch", "4",       "--steps",
            "30",      "--threads", "1",         "--no-chat", "--out",   out};
}

TerminalResult in_terminal(const Words& words, const std::string& typed = "") {
    bool sent = false;
    return run_in_terminal(
        command(words),
        {.columns = 100,
         .rows = 40,
         .environment = {{"TERM", "xterm"}, {"LC_ALL", "C.UTF-8"}, {"NO_COLOR", ""}},
         .on_output = [&](int master, const std::string& out) {
             if (sent || typed.empty() || !contains(out, "\n> ")) return;
             sent = true;
             CHECK(::write(master, typed.data(), typed.size()) ==
                   static_cast<ssize_t>(typed.size()));
         }});
}

// What a terminal would obey, apart from line ends and the display's own colours and movements.
std::string obeyed(const std::string& out) {
    std::string found;
    for (std::size_t i = 0; i < out.size();) {
        const Utf8Step step = utf8_step(std::string_view(out).substr(i));
        std::size_t bytes = static_cast<std::size_t>(step.bytes);
        const char32_t c = step.code_point;
        if (c == 0x1B && out.compare(i, 2, "\x1b[") == 0) {
            const std::size_t end = out.find_first_not_of("0123456789;", i + 2);
            if (end != out.npos && contains("AJKm", out.substr(end, 1))) bytes = end + 1 - i;
        }
        const bool line = c == '\n' || c == '\t' || (c == '\r' && bytes == 1);
        const bool own = c == 0x1B && bytes > 1;
        if (!step.valid || (!line && !own && (c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x202E)))
            found += out.substr(i, bytes);
        i += bytes;
    }
    return found;
}

}  // namespace

TEST_CASE("no control code from data, samples, names or errors reaches a terminal (1 s)") {
    const TemporaryFolder folder;
    const std::string name =
        "a\x1b]0;title\x07 'b'\xC2\x9B"
        "5m";
    const std::string data = folder.file(name + ".txt"), run = folder.file(name);
    std::string text;
    while (text.size() < 3000) text += kHostile;
    write_file(data, text);
    CHECK(obeyed(text).size() > text.size() / 5);  // what this test would find

    const TerminalResult trained = in_terminal(training(data, run));
    CHECK(trained.code == 0);
    CHECK(obeyed(trained.out) == "");
    CHECK(contains(trained.out, "\\u001b]0;title\\u0007"));
    // The command is one word of a shell, and leads to the folder.
    CHECK(
        contains(trained.out, "./gradus chat $'" + folder.path() + "/a\\x1b]0;title\\x07 \\'b\\'"));

    for (const Words& words :
         {Words{"sample", run, "--tokens", "300", "--prompt", "\x1b[6n"},
          Words{"look", run, "--prompt", "\x1b]0;owned\x07 \xC2\x9B"},
          Words{"sample", run, "--tokens", "300", "--int8"},
          Words{"sample", folder.file(name + "none")}, Words{"sample", run, "--prompt", "\xC2\x9F"},
          Words{"sample", run, "--prompt", "\x1b\xFF"},
          Words{"gpt", "--data", folder.file("\x1b]0;x\x07")}, Words{"gpt", "--\x1b[6n", "3"},
          Words{"\x1b[6n"}}) {
        const TerminalResult result = in_terminal(words);
        CAPTURE(words[0]);
        CAPTURE(words.back());
        CHECK(obeyed(result.out) == "");
        CHECK(result.out.size() > 10);
    }
    const TerminalResult chat =
        in_terminal({"chat", run, "--tokens", "200"}, "]0;owned 52;c\n\x04");
    CHECK(chat.code == 0);
    CHECK(obeyed(chat.out) == "");
    CHECK(contains(chat.out, "\\u001b"));

    // A pipe gets the bytes as they are.
    ProcessResult piped =
        run_to_end(command({"sample", run, "--tokens", "300", "--prompt", "\x1b[6n"}));
    CHECK(piped.code == 0);
    CHECK(piped.out.rfind("\x1b[6n", 0) == 0);
    piped = run_to_end(command({"sample", folder.file(name + "none")}));
    CHECK(contains(piped.err, name));
}
#endif
