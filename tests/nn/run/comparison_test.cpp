// SPDX-License-Identifier: MIT
// Runs side by side: the facts are those on disk, the differences are all of them and nothing else,
// and no loss is compared with one in another unit without a word.
#include "nn/run/comparison.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/run/loss_chart.h"
#include "nn/text/display_width.h"
#include "tests/nn/run/quiet_output.h"
#include "tests/nn/run/tiny_run.h"

using namespace gradus;
using nlohmann::json;

namespace {

struct SavedText {
    std::string data = "tales", checksum = "", optimiser = "adamw";
    json vocabulary = {{"kind", "characters"}, {"characters", "ab"}};
    Index layers = 2, steps = 300;
    double lr = 0.004;
    bool bias = true;
    RunResult result = {.steps = 300,
                        .val = 1.5,
                        .floor = 0.5,
                        .bits_per_byte = 3,
                        .floor_bits_per_byte = 1,
                        .seconds = 65,
                        .snapshots = {{.step = 0, .val = 4, .text = "<xq>"},
                                      {.step = 300, .val = 1.5, .text = "a\tstory"}}};

    // What a text run leaves, as far as a comparison looks at it.
    void save(const std::string& folder, bool log = true) {
        make_folder(folder);
        save_description(
            folder,
            {{"", {{"data", &data, {}}, {"data_crc64", &checksum, {}}}},
             {"model", {{"layers", &layers, {}}, {"bias", &bias, {}}}},
             {"training", {{"lr", &lr, {}}, {"optimiser", &optimiser, {}}, {"steps", &steps, {}}}}},
            result, [&](json& whole) { whole["vocabulary"] = vocabulary; });
        TinyNet net;
        gradus::save(in_folder(folder, "model.safetensors"), net);
        std::vector<LogRow> rows;
        for (Index step = 1; step <= 300; ++step)
            rows.push_back({.step = step,
                            .loss = 600 / (double(step) + 100),
                            .val = step % 30 ? kNotMeasured : 600 / (double(step) + 100),
                            .per_second = step == 7 ? 1.0 : 2000.0,  // the laptop slept
                            .elapsed = double(step) / 5});
        if (log) write_file(in_folder(folder, "log.csv"), log_csv(rows));
    }
};

const std::vector<std::string>* row_of(const ComparedRows& rows, const std::string& name) {
    for (const auto& row : rows)
        if (row[0] == name) return &row;
    return nullptr;
}

std::vector<std::string> cells(const ComparedRows& rows, const std::string& name) {
    const auto* row = row_of(rows, name);
    return row ? std::vector<std::string>(row->begin() + 1, row->end())
               : std::vector<std::string>();
}

using Cells = std::vector<std::string>;

struct TwoTexts {
    TemporaryFolder folder{memory_folder()};
    SavedText first, second;

    Comparison compare() {
        first.save(folder.file("first"));
        second.save(folder.file("second"));
        return compare_runs({folder.file("first"), folder.file("second/")});
    }
};

}  // namespace

TEST_CASE("comparison: what two text runs reached, and each field that differs") {
    TwoTexts two;
    two.second.vocabulary = {{"kind", "bpe"}, {"merges", {{97, 98}, {98, 97}}}};
    two.second.lr = 1.0 / 3;
    two.second.bias = false;
    two.second.steps = 500;
    two.second.result.bits_per_byte = 2.25;
    two.second.result.floor = -1;
    const Comparison c = two.compare();
    REQUIRE(c.runs.size() == 2);
    CHECK(c.runs[1].name == "second");
    CHECK(cells(c.facts, "data") == Cells{"tales", "tales"});
    CHECK(cells(c.facts, "tokenizer") == Cells{"characters", "bpe:2"});
    CHECK(cells(c.facts, "parameters") == Cells{"3", "3"});
    CHECK(cells(c.facts, "steps") == Cells{"300", "300 of 500"});
    CHECK(cells(c.facts, "time") == Cells{"1:05", "1:05"});
    CHECK(cells(c.facts, "tokens/s") == Cells{"2,000", "2,000"});
    CHECK(cells(c.facts, "held-out loss") == Cells{"1.5000", "1.5000"});
    CHECK(cells(c.facts, "bits per byte") == Cells{"3.0000", "2.2500"});
    CHECK(cells(c.facts, "floor") == Cells{"1.0000", "1.0000"});
    CHECK(cells(c.facts, "above floor") == Cells{"2.0000", "1.2500"});
    CHECK(cells(c.facts, "accuracy").empty());  // measured by neither
    CHECK(c.differences == ComparedRows{{"bias", "yes", "no"}, {"lr", "0.004", "0.333333"}});
    CHECK(c.runs[0].sample == "a\tstory");
}

TEST_CASE("comparison: which losses can be compared is said for every mixture") {
    const auto verdict = [](const std::function<void(SavedText&)>& change) {
        TwoTexts two;
        change(two.second);
        return two.compare().verdict;
    };
    CHECK(contains(verdict([](SavedText&) {}), "the losses can be compared"));
    const auto bytes = [](SavedText& run) { run.vocabulary = {{"kind", "bytes"}}; };
    CHECK(contains(verdict(bytes), "The loss per byte can: all hold out the same text."));
    CHECK(contains(verdict([&](SavedText& run) { bytes(run), run.result.bits_per_byte = -1; }),
                   "not all of these runs have measured it"));
    CHECK(contains(verdict([](SavedText& run) { run.data = "sums"; }), "different texts"));
    CHECK(contains(verdict([](SavedText& run) { run.data = ""; }), "does not say what"));

    TwoTexts files;  // the same file under two names, or two files under one
    files.first.data = "a", files.second.data = "b";
    files.first.checksum = files.second.checksum = "0123456789abcdef";
    files.second.vocabulary = {{"kind", "bytes"}};
    CHECK(contains(files.compare().verdict, "nearly the same text"));
    files.second.data = "a", files.second.checksum = "fedcba9876543210";
    CHECK(contains(files.compare().verdict, "different texts"));
}

TEST_CASE("comparison: the curves are the held-out losses in the common unit") {
    TwoTexts two;
    two.second.result.val = 3;  // half as many bits per byte for a nat
    const Comparison c = two.compare();
    for (const LineChart& chart : {c.by_step, c.by_second}) {
        REQUIRE(chart.lines.size() == 2);
        CHECK(chart.lines[0].x.size() == 10);
        CHECK(chart.lines[0].y.back() == doctest::Approx(1.5 * 2));
        CHECK(chart.lines[1].y.back() == doctest::Approx(1.5));
        CHECK(chart.y.name == "bits per byte");
        CHECK(chart.levels.at(0).value == 1);
    }
    CHECK(c.by_step.lines[0].x.back() == 300);
    CHECK(c.by_second.lines[0].x.back() == 60);

    two.first.result.bits_per_byte = -1;  // a run of an older version
    const Comparison older = two.compare();
    CHECK_FALSE(older.per_byte);
    CHECK(older.by_step.y.name == "loss");
    CHECK(older.by_step.lines[0].y.back() == doctest::Approx(1.5));
    CHECK(cells(older.facts, "floor") == Cells{"0.5000", "0.5000"});
    CHECK(cells(older.facts, "bits per byte") == Cells{"-", "3.0000"});
}

TEST_CASE("comparison: runs of any model, without evaluations or a log, too") {
    const TemporaryFolder folder{memory_folder()};
    TinyRun run;
    run.task.evaluate = {};
    run.task.sample = {};
    const QuietOutput quiet;
    for (const char* name : {"a", "b"}) run.fit(folder.file(name), {.run = {}});
    const Comparison c = compare_runs({folder.file("a"), folder.file("b")});
    CHECK(row_of(c.facts, "data") == nullptr);
    CHECK(row_of(c.facts, "held-out loss") == nullptr);
    CHECK(cells(c.facts, "parameters") == Cells{"3", "3"});
    CHECK(c.differences.empty());
    REQUIRE(c.by_step.lines.size() == 2);
    CHECK(contains(c.by_step.caption.look_for, "training data, smoothed"));
    CHECK(contains(comparison_html(c), "In all else their configurations are the same."));

    SavedText().save(folder.file("text"), false);
    const Comparison mixed = compare_runs({folder.file("a"), folder.file("text")});
    CHECK(contains(mixed.verdict, "compare their losses only if it was the same"));
    CHECK(cells(mixed.facts, "tokenizer") == Cells{"-", "characters"});
    CHECK(cells(mixed.differences, "layers") == Cells{"-", "2"});

    SavedText().save(folder.file("more"), false);  // only the evaluations in run.json are left
    const Comparison bare = compare_runs({folder.file("text"), folder.file("more")});
    CHECK(bare.by_step.lines.at(0).x == std::vector<double>{0, 300});
    CHECK(bare.by_second.lines.empty());
    CHECK_FALSE(contains(comparison_html(bare), "Loss by training time"));
    CHECK_FALSE(comparison_text(bare, {}).empty());
}

TEST_CASE("comparison: losses of zero and below are drawn too") {
    TwoTexts two;
    two.compare();
    write_file(two.folder.file("first/log.csv"),
               log_csv({{.step = 1, .val = 1}, {.step = 2, .val = 0}, {.step = 3, .val = -1}}));
    const Comparison c = compare_runs({two.folder.file("first"), two.folder.file("second")});
    CHECK_FALSE(c.by_step.y.log);
    CHECK(c.by_step.lines[0].y.size() == 3);
    CHECK_FALSE(comparison_html(c).empty());
}

TEST_CASE("comparison: many runs with long names are numbered, and drawn as far as colours go") {
    const TemporaryFolder folder{memory_folder()};
    std::vector<std::string> folders;
    for (int i = 0; i < 8; ++i) {
        folders.push_back(folder.file(fmt::format("a-long-name-{}", i)));
        SavedText().save(folders.back());
    }
    const Comparison c = compare_runs(folders);
    CHECK(c.runs[7].name == "8: a-long-name-7");
    CHECK(c.by_step.lines.size() == 6);
    CHECK(c.by_step.lines[5].name == "6");
    CHECK(contains(c.by_step.caption.look_for, "Only the first 6 runs are drawn."));
    // Two folders of one name: their paths, then.
    SavedText().save(folder.file("other/a-long-name-0"));
    const Comparison same = compare_runs({folders[0], folder.file("other/a-long-name-0")});
    CHECK(contains(same.runs[0].name, folders[0]));
}

TEST_CASE("comparison: in a terminal no line is too wide, and every run is there") {
    TwoTexts two;
    two.first.data = "三国演义-with-a-long-name.txt";
    two.first.result.snapshots.back().text = "a\x1b[2J story 三国演义";
    const Comparison c = two.compare();
    for (const int columns : {24, 39, 80}) {
        const std::string shown = comparison_text(c, {.columns = columns, .unicode = true});
        CAPTURE(shown);
        CHECK_FALSE(contains(shown, "\x1b"));
        for (const char* part : {"first", "second", "3.0000", "different texts"})
            CHECK(contains(columns == 24 ? "different texts" + shown : shown, part));
        for (const auto& line : lines_of(shown)) CHECK(display_width(line) <= columns);
    }
}

TEST_CASE("comparison: as a table for programs, a line per run and as many cells as names") {
    TwoTexts two;
    two.second.lr = 0.001;
    const auto lines = lines_of(comparison_tsv(two.compare()));
    REQUIRE(lines.size() >= 3);
    CHECK(lines[0] ==
          "run\tdata\ttokenizer\tparameters\tsteps\tseconds\ttokens_per_second\tval\tfloor\t"
          "bits_per_byte\tfloor_bits_per_byte\taccuracy\tlr");
    CHECK(lines[1] == two.folder.file("first") +
                          "\ttales\tcharacters\t3\t300\t65\t2000\t1.5\t0.5\t3\t1\t\t0.004");
    for (std::size_t i = 1; i < 3; ++i) CHECK(count_of(lines[i], "\t") == count_of(lines[0], "\t"));
}

TEST_CASE("comparison: the page is whole, escaped and without scripts") {
    TwoTexts two;
    two.second.optimiser = "<lion>";
    two.second.result.snapshots.back().text = "<script>alert(1)</script>";
    const std::string page = comparison_html(two.compare());
    for (const char* part : {"<h1>2 runs side by side</h1>", "<td>&lt;lion&gt;</td>",
                             "Loss by step", "Loss by training time", "&lt;script&gt;alert(1)"})
        CHECK(contains(page, part));
    CHECK_FALSE(contains(page, "<script"));
    CHECK(count_of(page, "<svg") == 2);
}

TEST_CASE("comparison: what cannot be compared is refused with the reason") {
    const TemporaryFolder folder{memory_folder()};
    const std::string one = folder.file("one");
    SavedText().save(one);
    CHECK_THROWS_WITH(compare_runs({}), "compare: 0 runs, must be at least 2");
    CHECK_THROWS_WITH(compare_runs({one}), "compare: 1 run, must be at least 2");
    CHECK_THROWS_WITH(compare_runs({one, one}), ("compare: " + one + " is given twice").c_str());
    CHECK_THROWS_WITH(compare_runs({one, one + "/."}),
                      fmt::format("compare: {0}/. is given twice (also as {0})", one).c_str());
    const auto refusal = [&](const std::string& other) {
        try {
            compare_runs({one, folder.file(other)});
        } catch (const FileError& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(contains(refusal("none"), "there is no such folder"));
    make_folder(folder.file("empty"));
    CHECK(contains(refusal("empty"), "cannot read: no such file (so this is not a run's folder)"));
    SavedText().save(folder.file("two"));
    CHECK(refusal("two").empty());
    std::filesystem::remove(folder.file("two/model.safetensors"));
    CHECK(contains(refusal("two"), "model.safetensors"));
    SavedText().save(folder.file("two"));
    write_file(folder.file("two/log.csv"), "step\nnonsense\n");
    CHECK(contains(refusal("two"), "line 2 is not a row of a training log"));
    write_file(folder.file("two/run.json"), "{");
    CHECK(contains(refusal("two"), "run.json"));
}
