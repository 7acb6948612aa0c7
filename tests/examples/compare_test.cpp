// SPDX-License-Identifier: MIT
// ./gradus compare as a person or a script meets it.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <filesystem>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/pages/pages.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

using Words = std::vector<std::string>;

ProcessResult gradus_program(const Words& words) {
    Words command = {GRADUS_BINARY_DIR "/bin/gradus-gpt"};
    command.insert(command.end(), words.begin(), words.end());
    return run_to_end(command);
}

// Two runs on the same text in different tokens, made once.
struct TwoRuns {
    TemporaryFolder folder;
    std::string text = folder.file("text"), characters = folder.file("characters"),
                bpe = folder.file("bpe");

    TwoRuns() {
        std::string all;
        for (int i = 0; i < 500; ++i) all += "the cat sat on mat " + std::to_string(i % 7) + ". ";
        write_file(text, all);
        for (const auto& [tokens, out] : {std::pair{"characters", characters}, {"bpe:20", bpe}})
            REQUIRE(gradus_program({"gpt", "--data",    text, "--tokenizer", tokens, "--out",
                                    out,   "--layers",  "1",  "--heads",     "2",    "--width",
                                    "16",  "--context", "16", "--batch",     "4",    "--steps",
                                    "20",  "--threads", "1"})
                        .code == 0);
    }
};

const TwoRuns& two_runs() {
    static const TwoRuns runs;
    return runs;
}

}  // namespace

TEST_CASE("compare writes a page and, through a pipe, a table with a line per run") {
    const TwoRuns& runs = two_runs();
    const std::string page = runs.folder.file("page.html");
    const ProcessResult result =
        gradus_program({"compare", runs.characters, runs.bpe, "--html", page});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    const auto lines = lines_of(result.out);
    REQUIRE(lines.size() >= 3);
    CHECK(lines[0].rfind("run\tdata\ttokenizer\t", 0) == 0);
    CHECK(lines[1].rfind(runs.characters + "\t" + runs.text + "\tcharacters\t", 0) == 0);
    CHECK(lines[2].rfind(runs.bpe + "\t" + runs.text + "\tbpe:", 0) == 0);
    CHECK(contains(read_file(page), "nearly the same text"));
}

TEST_CASE("compare refuses what it cannot compare in one line") {
    const TwoRuns& runs = two_runs();
    const std::string page = runs.folder.file("none.html");
    const auto refused = [&](Words words, const std::string& part) {
        words.insert(words.begin(), {"compare", "--html", page});
        const ProcessResult result = gradus_program(words);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        CHECK(result.err.rfind("gradus: ", 0) == 0);
        CHECK(count_of(result.err, "\n") == 1);
        CHECK(contains(result.err, part));
    };
    refused({}, "compare: DIR is missing");
    refused({runs.bpe}, "compare: 1 run, must be at least 2");
    refused({runs.bpe, runs.bpe + "/"}, "is given twice");
    const std::string empty = runs.folder.file("empty");
    std::filesystem::create_directory(empty);
    refused({runs.bpe, empty}, "run.json: cannot read");
    refused({runs.bpe, runs.text}, "is a file, not a run's folder");
    CHECK_FALSE(std::filesystem::exists(page));  // and writes nothing
    // The folder that the runs lie in stands for all of them.
    const std::string path = runs.folder.path();
    const ProcessResult all = gradus_program({"compare", path, "--html", page});
    CHECK(all.code == 0);
    CHECK(all.out == gradus_program({"compare", runs.bpe, runs.characters, "--html", page}).out);
}

TEST_CASE("pages: a comparison is good in a browser" * kFullSpeedOnly) {
    if (!can_open_pages()) return;
    const TwoRuns& runs = two_runs();
    const std::string page = runs.folder.file("compare.html");
    CHECK(gradus_program({"compare", runs.characters, runs.bpe, "--html", page}).code == 0);
    check_good({page});
}
#endif
