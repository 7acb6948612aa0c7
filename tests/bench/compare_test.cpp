// SPDX-License-Identifier: MIT
// The parts of ./gradus bench with a known result: medians and ratios, turns, the table, the
// report, the command line, and how a missing or wrong peer is handled.
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/compare/limits.h"
#include "bench/compare/options.h"
#include "bench/compare/peers/openblas.h"
#include "bench/compare/peers/pytorch.h"
#include "bench/compare/report.h"
#include "bench/compare/roofline.h"
#include "bench/compare/sections.h"
#include "bench/compare/table.h"
#include "nn/files/atomic_file.h"
#include "tensor/memory.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;
using namespace gradus::bench;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

// An environment variable, set for the duration of one test.
class Setting {
 public:
    Setting(const char* name, const std::string& value) : name_(name) {
        if (const char* old = std::getenv(name)) before_ = old;
        setenv(name, value.c_str(), 1);
    }
    ~Setting() {
        if (before_.empty())
            unsetenv(name_);
        else
            setenv(name_, before_.c_str(), 1);
    }
    Setting(const Setting&) = delete;
    Setting& operator=(const Setting&) = delete;

 private:
    const char* name_;
    std::string before_;
};

ProcessResult bench_program(const Words& words, const ProcessOptions& options = {}) {
    Words command = {GRADUS_BINARY_DIR "/bin/gradus-bench"};
    command.insert(command.end(), words.begin(), words.end());
    return run_to_end(command, options);
}

CompareOptions parsed(const Words& words) {
    std::vector<const char*> list = {"bench"};
    for (const auto& word : words) list.push_back(word.c_str());
    return parse_compare_options(static_cast<int>(list.size()), list.data());
}

// A program that answers as the PyTorch peer does: `built` to build, `took` to step.
std::string imitation(const TemporaryFolder& folder, const std::string& built,
                      const std::string& took) {
    const std::string path = folder.file("python");
    write_file(path,
               "#!/bin/sh\necho ready 9.9\nwhile read command rest; do case $command in\n"
               "build) echo " +
                   built + ";;\nstep) " + took + ";;\nmemory) echo memory 1000000;;\nesac; done\n");
    fs::permissions(path, fs::perms::owner_all);
    return path;
}

StepCase tiny() {
    return {"tiny",
            {.layers = 1, .heads = 1, .width = 4, .context = 8, .vocabulary = 5, .bias = Bias::no},
            2,
            8};
}

const PytorchSetting kAsItIs = {"as it is", 1, {}};

}  // namespace

TEST_CASE("the median of an odd count is its middle, of an even count between the middle two") {
    CHECK(median({3, 1, 2}) == 2);
    CHECK(median({4, 1, 3, 2}) == 2.5);
    CHECK(median({7}) == 7);
    CHECK(median({1, 1, 1, 1e9}) == 1);  // one bad turn changes nothing
    CHECK(std::isnan(median({})));
    CHECK(geometric_mean({0.5, 2}) == doctest::Approx(1));
    CHECK(geometric_mean({1, 10, 100}) == doctest::Approx(10));
    CHECK(std::isnan(geometric_mean({})));
}

TEST_CASE("a speed ratio is the median over turns, per unit of work, and above 1 for the faster") {
    const Samples fast{"a", 0, {1, 2, 10}}, slow{"b", 0, {3, 4, 20}};
    CHECK(speed_ratio(fast, slow) == 2);  // of 3, 2, 2, one per turn; not 4 / 2 of the medians
    CHECK(speed_ratio(slow, fast) == 0.5);
    const Samples twice{"c", 20, {2, 2, 2}}, once{"d", 10, {2, 2, 2}};
    CHECK(speed_ratio(twice, once) == 2);  // the same time for twice the work
    CHECK(rate(twice) == 10);
    CHECK(best_rate({"e", 12, {3, 2, 4}}) == 6);
    CHECK(std::isnan(best_rate({"nobody", 1, {}})));
    CHECK(std::isnan(speed_ratio(fast, {"nobody", 0, {}})));
}

TEST_CASE("turns alternate, each begun by the next contender, and every sample is kept") {
    std::string order;
    const auto contender = [&](char name, double seconds) {
        return Contender{std::string(1, name), 1, [&order, name, seconds] {
                             order += name;
                             return seconds;
                         }};
    };
    std::vector<double> parts;
    const auto results = take_turns({contender('a', 1), contender('b', 2), contender('c', 3)}, 3, 0,
                                    [&](double part) { parts.push_back(part); });
    CHECK(order == "abcbcacab");
    REQUIRE(results.size() == 3);
    CHECK(results[1].name == "b");
    CHECK(results[1].seconds == std::vector<double>{2, 2, 2});
    CHECK(parts.size() == 9);
    CHECK(std::is_sorted(parts.begin(), parts.end()));
    CHECK(parts.back() < 1);
}

TEST_CASE("a short call is repeated until a turn is long enough, and counted as one") {
    int calls = 0;
    const auto turn = repeated(
        [&] {
            ++calls;
            usleep(100);
        },
        0.02);
    turn();
    calls = 0;
    const double seconds = turn();
    CHECK(calls > 1);
    CHECK(calls <= 400);  // 200 fit; the count is doubled and rounded up, so twice that at most
    CHECK(seconds >= 100e-6);  // of one call
    const int each = calls;
    turn();
    CHECK(calls == 2 * each);  // and always the same number
}

TEST_CASE("a table has columns at 80 and paragraphs at 40, and never a longer line") {
    const std::vector<std::string> headings = {"training step", "ours ms", "PyTorch ms",
                                               "ratio",         "ours MB", "PyTorch MB"};
    const std::vector<std::string> cells = {"char fp32", "485", "1905", "3.93", "354", ""};
    const Table wide(headings, 16, 80);
    CHECK(wide.heading() == "training step     ours ms  PyTorch ms   ratio  ours MB  PyTorch MB");
    CHECK(wide.row(cells) == "char fp32             485        1905    3.93      354           -");
    const Table narrow(headings, 16, 40);
    CHECK(narrow.heading().empty());
    CHECK(narrow.row(cells) ==
          "char fp32: ours ms 485, PyTorch ms\n  1905, ratio 3.93, ours MB 354");
    for (const int columns : {30, 40, 60, 66, 67, 80}) {
        const Table table(headings, 16, columns);
        for (const std::string& text : {table.heading(), table.row(cells)}) {
            std::istringstream lines(text);
            for (std::string line; std::getline(lines, line);) {
                CAPTURE(columns);
                CAPTURE(line);
                CHECK(line.size() < static_cast<std::size_t>(columns));
            }
        }
    }
    CHECK_THROWS_WITH(wide.row({"x"}), "table: 1 cells for 6 columns");
}

TEST_CASE("three digits of a number are shown, and nothing for NaN") {
    CHECK(milliseconds(0.0004123) == "0.412");
    CHECK(milliseconds(0.01234) == "12.3");
    CHECK(milliseconds(1.905) == "1905");
    CHECK(milliseconds(std::nan("")) == "");
    CHECK(giga(99.96e9) == "100");
    CHECK(percent(0.924) == "92 %");
    CHECK(threads_text(1) == "1 thread");
}

TEST_CASE(
    "the report holds every sample, its median and the figures, and null for what is not known") {
    Report report;
    report.machine = {{"processor", "\xff odd"}, {"threads", "2"}};
    report.peers["OpenBLAS"] = "not installed";
    report.turns = 3;
    report.rows.push_back({"matmul",
                           "64 64 64",
                           2,
                           {{"ours", 524288, {3e-6, 1e-6, 2e-6}}},
                           {{"of peak", 0.9}, {"ratio", std::nan("")}}});
    report.summary["mean"] = 1.5;
    const auto json = nlohmann::json::parse(json_text(report));
    CHECK(json["machine"]["threads"] == "2");
    CHECK(json["peers"]["OpenBLAS"] == "not installed");
    const auto& row = json["rows"].at(0);
    CHECK(row["section"] == "matmul");
    CHECK(row["threads"] == 2);
    CHECK(row["series"]["ours"]["seconds"] == std::vector<double>{3e-6, 1e-6, 2e-6});
    CHECK(row["series"]["ours"]["median"] == 2e-6);
    CHECK(row["series"]["ours"]["work"] == 524288);
    CHECK(row["figures"]["ratio"].is_null());
    CHECK(json["summary"]["mean"] == 1.5);
}

TEST_CASE("the command line names parts in any order, and --quick means fewer turns") {
    CHECK(parsed({}).sections == Words{"limits", "matmul", "step"});
    CHECK(parsed({"step", "limits", "step"}).sections == Words{"limits", "step"});
    CHECK(parsed({"scaling"}).sections == Words{"scaling"});
    CHECK(parsed({}).turns == 7);
    CHECK(parsed({"--quick"}).turns == 3);
    CHECK(parsed({"--quick", "--turns", "9"}).turns == 9);
    const std::string help = parsed({"--help"}).help;
    for (const Section& section : sections()) CHECK(contains(help, section.name + ": "));
    for (const std::string word : {"--turns", "--json", "--benchmark_filter", "GRADUS_PYTHON"})
        CHECK(contains(help, word));
}

TEST_CASE("the help fits 40 columns") {
    const Setting columns("COLUMNS", "40");
    std::istringstream lines(parsed({"--help"}).help);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 40);
    }
    CHECK(contains(parsed({"--help"}).help, "./gradus bench --benchmark_filter="));  // unbroken
}

TEST_CASE("bad words are refused in one line, with the nearest good one, and exit code 2") {
    const std::map<std::string, Words> bad = {
        {"there is no part matmull; there are limits, matmul, step, decode, profile, scaling (did "
         "you mean "
         "matmul?)",
         {"matmull"}},
        {"--turn is not known; did you mean --turns?", {"--turn", "3"}},
        {"--turns: Value 0 not in range", {"--turns", "0"}},
        {"--threads: Value 5000 not in range", {"--threads", "5000"}},
        {"--turns: ", {"--turns", "many"}},
        {"--json: 1 required FILE missing", {"--json"}},
        {"/nowhere/bench.json: ", {"limits", "--json", "/nowhere/bench.json"}},
    };
    for (const auto& entry : bad) {
        const std::string& message = entry.first;
        const ProcessResult result = bench_program(entry.second);
        CAPTURE(result.err);
        CAPTURE(message);
        CHECK(result.code == 2);
        CHECK(result.out.empty());
        CHECK(result.err.rfind("gradus: ", 0) == 0);
        CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
        CHECK(contains(result.err, message));
    }
}

TEST_CASE("a missing OpenBLAS is reported in a sentence, and so is a wrong library") {
    {
        const Setting place("GRADUS_OPENBLAS", "/nowhere/libopenblas.so");
        const OpenBlas peer;
        CHECK_FALSE(peer.found());
        CHECK(peer.about() ==
              "not found: GRADUS_OPENBLAS=/nowhere/libopenblas.so cannot be opened");
    }
    const Setting place("GRADUS_OPENBLAS", "libm.so.6");
    const OpenBlas peer;
    CHECK_FALSE(peer.found());
    CHECK((contains(peer.about(), "has no cblas_sgemm") ||
           contains(peer.about(), "cannot be opened")));  // not every system uses that name
}

TEST_CASE("OpenBLAS, where it is installed, leaves the processor alone 4 ms after its turn") {
    const OpenBlas peer;
    if (!peer.found() || kSanitized) {
        MESSAGE("OpenBLAS: " << peer.about() << ": not checked");
        return;
    }
    constexpr Index n = 256;
    const std::vector<float> a(n * n, 1), b(n * n, 2);
    std::vector<float> c(n * n, 0);
    peer.set_threads(2);
    for (int i = 0; i < 4; ++i) peer.matmul(c.data(), a.data(), b.data(), n, n, n);
    CHECK(c.front() == 2 * n);
    CHECK(c.back() == 2 * n);
    usleep(4000);
    const std::clock_t before = std::clock();
    usleep(20000);
    const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
    CHECK(used < 0.005);  // with its default waiting time: all of the 20 ms
    peer.set_threads(1);
}

TEST_CASE("a Python without PyTorch is reported in a sentence, and so is a wrong program") {
    for (const std::string python : {"/bin/false", "/bin/echo", "/nowhere/python3"}) {
        CAPTURE(python);
        const Setting place("GRADUS_PYTHON", python);
        const Pytorch peer;
        CHECK_FALSE(peer.found());
        CHECK(peer.about() == "not found: GRADUS_PYTHON=" + python + " does not import torch");
    }
}

TEST_CASE("the peer's answers are numbers, and its model must have as many parameters as ours") {
    const TemporaryFolder folder;
    const std::string ours = std::to_string(tiny().model.parameter_count());
    {
        const Setting place("GRADUS_PYTHON", imitation(folder, "built " + ours, "echo took 0.25"));
        const Pytorch peer;
        REQUIRE(peer.found());
        CHECK(contains(peer.about(), "9.9"));
        PytorchStep step(peer, kAsItIs, tiny(), "fp32");
        CHECK(step.run(1) == 0.25);
        CHECK(step.peak_bytes() == 1e6);
    }
    const auto fails = [&](const std::string& built, const std::string& took) {
        const Setting place("GRADUS_PYTHON", imitation(folder, built, took));
        try {
            PytorchStep step(Pytorch(), kAsItIs, tiny(), "fp32");
            step.run(1, 0.2);
        } catch (const PeerError& error) {
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK(fails("built " + ours, "echo took 1") == "no error");
    CHECK(fails("built 7", "") == "its model has 7 parameters, ours " + ours + ": not compared");
    CHECK(fails("built " + ours, "echo took ages") == "it answers \"took ages\"");
    CHECK(fails("built " + ours, "echo error out of memory") ==
          "it answers \"error out of memory\"");
    CHECK(fails("built " + ours, "exit 1") == "it has ended");
    CHECK(fails("built " + ours, "sleep 5") == "no answer within 0.2 s");
}

TEST_CASE("the cost of a step is counted for the windows that it trains on") {
    StepCase whole = tiny(), half = tiny();
    half.length = 4;
    const double weights = 6.0 * static_cast<double>(tiny().model.parameter_count() - 8 * 4);
    CHECK(whole.flops() == 2 * 8 * (weights + 12.0 * 4 * 8));
    CHECK(half.flops() == 2 * 4 * (weights + 12.0 * 4 * 4));
    CHECK(step_cpu().model.parameter_count() == 804096);
    CHECK(step_gpt2().model.parameter_count() == 124439808);
}

TEST_CASE("the comparison's training steps ask the system for nothing after the second") {
    const SavedSettings saved;
    set_threads(1);  // with more, a thread may get its first chunk, and its scratch, at any time
    TrainingStep step(tiny());
    step.step();
    step.step();
    const auto before = memory_stats().system_requests;
    for (int i = 0; i < 3; ++i) step.step();
    if (!kSanitized) CHECK(memory_stats().system_requests == before);
}

TEST_CASE("the limits are measured with every instruction set and several threads") {
    const SavedSettings saved;
    set_threads(2);
    for (const std::string& instructions : isa_names()) {
        CAPTURE(instructions);
        use_isa(instructions);
        Contender peak = multiply_add_peak(0.001), reading = memory_reading(1 << 20, 0.001);
        const double flops = peak.work / peak.turn(), bytes = reading.work / reading.turn();
        CHECK(flops > 1e7);
        CHECK(flops < 1e14);
        CHECK(bytes > 1e6);
        CHECK(bytes < 1e14);
    }
}

TEST_CASE("the roofline picture names all that is in it and keeps it inside the frame") {
    Roofline r{"A <step>", 40e9, {{"reading 4 MB", 20e9}, {"reading 512 MB", 6e9}}, {}};
    r.points = {{"products", 4e9, 1e8, 0.11}, {"sums", 1e6, 12e6, 1e-3}, {"x & y", 1e6, 1e6, 1e-3}};
    const std::string svg = roofline_svg(r);
    CHECK(svg.rfind("<svg xmlns", 0) == 0);
    for (const char* part :
         {"A &lt;step>", "x &amp; y", ">products<", ">sums<", "multiply-adds: 40 GFLOP/s",
          "reading 512 MB: 6 GB/s", "floating-point operations per byte"})
        CHECK_MESSAGE(contains(svg, part), part);
    CHECK_FALSE(contains(svg, "nan"));
    CHECK_FALSE(contains(svg, "inf"));
    // Two circles per point: in the picture, then in the legend to the right of it.
    std::vector<double> x, y;
    for (std::size_t at = svg.find("<circle"); at != std::string::npos;
         at = svg.find("<circle", at + 1)) {
        x.push_back(std::stod(svg.substr(svg.find("cx=\"", at) + 4)));
        y.push_back(std::stod(svg.substr(svg.find("cy=\"", at) + 4)));
    }
    REQUIRE(x.size() == 6);
    for (std::size_t i = 0; i < x.size(); i += 2) {
        CHECK((x[i] >= 64 && x[i] <= 500));
        CHECK((y[i] >= 56 && y[i] <= 400));
        CHECK(x[i + 1] > 500);
    }
    CHECK(x[0] > x[4]);  // 40 operations per byte are to the right of 1
    CHECK(y[0] < y[2]);  // 36 GFLOP/s are above 1
}

TEST_CASE("the part profile explains a step by its operations and draws them") {
    const TemporaryFolder folder;
    const std::string json_file = folder.file("p.json"), picture = folder.file("roof.svg");
    const ProcessResult result =
        bench_program({"--roofline", picture, "--quick", "--turns", "1", "--json", json_file});
    CAPTURE(result.err);
    CHECK(result.code == 0);
    const auto json = nlohmann::json::parse(read_file(json_file));
    double share = 0, flops = 0;
    for (const auto& row : json["rows"]) {
        CHECK(row["section"] == "profile");
        const auto& figures = row["figures"];
        if (figures.contains("of step")) share += figures["of step"].get<double>();
        if (contains(row["name"], "matrix products")) flops += figures["flops"].get<double>();
    }
    CHECK(share > 0.2);  // one turn on a busy machine: far from exact
    // 6 per weight and token: 4 layers of 12 * 128^2, and 65 * 128 of the output layer.
    CHECK(flops == 6.0 * (4 * 12 * 128 * 128 + 65 * 128) * 12 * 64);
    CHECK(read_file(picture).find("matrix products, forward") != std::string::npos);
}

TEST_CASE("without peers the program measures this library, and writes what it measured") {
    const TemporaryFolder folder;
    ProcessOptions options;
    options.environment = {{"GRADUS_OPENBLAS", "/nowhere/openblas"}, {"COLUMNS", "40"}};
    const std::string file = folder.file("bench.json");
    const ProcessResult result = bench_program(
        {"limits", "matmul", "--quick", "--turns", "1", "--threads", "1", "--json", file}, options);
    CAPTURE(result.err);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(contains(result.out, "\r"));
    CHECK(contains(result.out, "OpenBLAS: not found"));
    CHECK_FALSE(contains(result.out, "ratio,"));
    CHECK(contains(result.out, "--benchmark_filter"));
    std::istringstream lines(result.out);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        if (!contains(line, folder.path())) CHECK(line.size() <= 40);
    }
    const auto json = nlohmann::json::parse(read_file(file));
    int products = 0;
    for (const auto& row : json["rows"]) {
        if (row["section"] != "matmul") continue;
        ++products;
        CHECK(row["threads"] == 1);
        CHECK(row["series"]["ours"]["seconds"].size() == 1);
        CHECK(row["series"]["peak"]["median"].get<double>() > 0);
        CHECK(row["figures"]["of peak"].get<double>() > 0);
        CHECK_FALSE(row["series"].contains("OpenBLAS"));
    }
    CHECK(products >= 5);
    CHECK(json["machine"].contains("processor"));
}
