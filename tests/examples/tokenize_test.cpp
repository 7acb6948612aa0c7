// SPDX-License-Identifier: MIT
// gradus tokenize: ids on a pipe, and back; the tokens as a person sees them.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>
#include <sstream>

#include "nn/files/atomic_file.h"
#include "nn/text/display_width.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/pseudo_terminal.h"
#include "tests/text.h"

using namespace gradus;

namespace {

using Words = std::vector<std::string>;

// "he" is 256, "hel" 257, "<|endoftext|>" 258; a byte's id is its place in GPT-2's order.
struct Program {
    TemporaryFolder folder;
    Program() { write_file(folder.file("merges.txt"), "#version: 0.2\nh e\nhe l\n"); }

    Words command(const Words& words) const {
        Words command = {GRADUS_BINARY_DIR "/bin/gradus-gpt", "tokenize", "--tokenizer",
                         folder.path()};
        command.insert(command.end(), words.begin(), words.end());
        return command;
    }
    ProcessResult run(const Words& words, const std::string& input = "",
                      const Environment& environment = {}) const {
        return run_to_end(command(words), {.environment = environment, .input = input});
    }
    std::string output(const Words& words, const std::string& input = "",
                       const Environment& environment = {}) const {
        const ProcessResult result = run(words, input, environment);
        CHECK(result.code == 0);
        CHECK(result.err == "");
        return result.out;
    }
    std::string refusal(const Words& words) const {
        const ProcessResult result = run(words);
        CHECK(result.code == 2);
        CHECK(result.out == "");
        return result.err;
    }
};

}  // namespace

TEST_CASE("tokenize prints a line of ids for each line of text, and --decode gives it back") {
    const Program program;
    CHECK(program.output({"hello"}) == "257 75 78\n");
    CHECK(program.output({""}) == "");
    const std::string text = "he hel\n\nhell\r\n\x01\xFF end";
    const std::string ids = program.output({}, text);
    CHECK(ids == "256 220 257 198\n198\n257 75 201 198\n189 187 220 68 77 67\n");
    CHECK(program.output({"--decode"}, ids) == text);
    CHECK(program.output({"--decode", "[257,\n256]"}) == "helhe");
}

TEST_CASE("names of special tokens are text, unless asked otherwise") {
    const Program program;
    CHECK(program.output({"he<|endoftext|>", "--special"}) == "256 258\n");
    CHECK(program.output({"he<|endoftext|>"}).find("258") == std::string::npos);
    CHECK(program.output({"--decode", "256 258 256"}) == "hehe");
    CHECK(program.output({"--decode", "--special", "256 258 256"}) == "he<|endoftext|>he");
}

TEST_CASE("--count counts, and --show fits the terminal and shows what cannot be seen") {
    const Program program;
    CHECK(program.output({"--count", "hello hello!"}) == "8 tokens, 12 bytes (1.50 per token)\n");
    CHECK(program.output({"--count"}) == "0 tokens, 0 bytes\n");
    CHECK(program.output({"--show", "hello\n\xFF\t\x1B"}) == "hel|l|o|\\n\n\\xff|\\t|\\u001b\n");
    const std::string colours =
        program.output({"--show", "hel l"}, "", {{"FORCE_COLOR", "1"}, {"TERM", "xterm"}});
    CHECK(colours == "\x1b[30;46mhel\x1b[0m\x1b[30;43m \x1b[0m\x1b[30;46ml\x1b[0m\n");
    CHECK(program.output({"--show", "a|b"}) == "a|\\||b\n");
    // A program gets whole lines, a person lines that fit.
    const std::string text = std::string(300, 'x') + "成语接龙";
    const std::string whole = program.output({"--show"}, text, {{"COLUMNS", "40"}});
    CHECK(std::count(whole.begin(), whole.end(), '\n') == 1);
    std::istringstream lines(run_in_terminal(program.command({"--show", text}),
                                             {.columns = 40, .environment = {{"NO_COLOR", "1"}}})
                                 .out);
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count) {
        while (line.ends_with('\r')) line.pop_back();
        CHECK(display_width(line) < 40);
    }
    CHECK(count > 8);
}

TEST_CASE("tokenize refuses what it cannot do in one line") {
    const Program program;
    CHECK(program.refusal({"--decode", "12 x"}) ==
          "gradus: tokenize: \"x\" is not the id of a token, from 0 to 258\n");
    CHECK(program.refusal({"--decode", "-1"}).find("gradus: ") == 0);
    CHECK(program.refusal({"--decode", "259"}) ==
          "gradus: tokenize: \"259\" is not the id of a token, from 0 to 258\n");
    CHECK(program.refusal({"--decode", "--show", "1"}) ==
          "gradus: tokenize: --decode excludes --show\n");
    const ProcessResult none = run_to_end({GRADUS_BINARY_DIR "/bin/gradus-gpt", "tokenize", "x"});
    CHECK(none.code == 2);
    CHECK(none.err.find("gradus: tokenize: with which tokenizer?") == 0);
    const ProcessResult missing = run_to_end(
        {GRADUS_BINARY_DIR "/bin/gradus-gpt", "tokenize", "--tokenizer", "/no.json", "x"});
    CHECK(missing.code == 2);
    CHECK(missing.err.find("gradus: /no.json: ") == 0);
}
#endif
