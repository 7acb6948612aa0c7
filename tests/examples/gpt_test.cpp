// SPDX-License-Identifier: MIT
// The program bin/gradus-gpt as a person or a script meets it: what it prints, how it rejects bad
// input, and that nothing stops it from saving whole files.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <regex>
#include <sstream>

#include "nn/data/text_source.h"
#include "nn/files/atomic_file.h"
#include "nn/files/datasets/image.h"
#include "nn/run/text_run.h"
#include "nn/text/display_width.h"
#include "nn/text/utf8.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

using Words = std::vector<std::string>;

ProcessResult gradus_program(const Words& words, const ProcessOptions& options = {}) {
    Words command = {GRADUS_BINARY_DIR "/bin/gradus-gpt"};
    command.insert(command.end(), words.begin(), words.end());
    return run_to_end(command, options);
}

// A model so small that a step takes less than a millisecond.
Words training(const std::string& out, const Words& more = {}, const std::string& steps = "20") {
    Words words = {"gpt", "--data",  "tales-zh", "--layers", "1",   "--heads", "2", "--width",
                   "16",  "--batch", "4",        "--steps",  steps, "--out",   out};
    bool threads = false;
    for (const auto& word : more) threads = threads || word == "--threads";
    if (!threads) words.insert(words.end(), {"--threads", "1"});
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// Exit code 2 and one line that begins with the program's name and holds `part`.
void check_refused(const ProcessResult& result, const std::string& part) {
    CAPTURE(result.out);
    CAPTURE(result.err);
    CAPTURE(part);
    CHECK(result.code == 2);
    CHECK(result.err.rfind("gradus: ", 0) == 0);
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    CHECK((result.err.empty() ? 0 : result.err.back()) == '\n');
    CHECK(result.err.size() < 500);
    CHECK(contains(result.err, part));
}

// A finished run, made once for all tests that only read it.
const std::string& finished_run() {
    static const TemporaryFolder folder;
    static const std::string path = [] {
        const std::string run = folder.file("run");
        const ProcessResult result = gradus_program(training(run));
        REQUIRE(result.code == 0);
        return run;
    }();
    return path;
}

std::string model_bytes(const std::string& run) {
    return read_file(run + "/model.safetensors");
}

}  // namespace

TEST_CASE(
    "training through a pipe prints whole key=value lines and ends with one line of results") {
    const TemporaryFolder folder;
    const std::string out = folder.file("a run");
    const ProcessResult result = gradus_program(training(out));
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(contains(result.out, "\x1b"));
    CHECK_FALSE(contains(result.out, "\r"));
    REQUIRE(result.out.back() == '\n');

    const auto lines = lines_of(result.out);
    REQUIRE(lines.size() >= 4);
    const auto source = text_source("tales-zh");
    const std::string floor = fmt::format("{:.4f}", source->floor());
    const std::regex step(
        R"(step=\d+/20 loss=\d+\.\d+ val=\d+\.\d+ floor=)" + floor +
        R"(( tok/s=\d+ lr=\d\.\d\de[-+]\d\d gnorm=\d+\.\d+)? elapsed=\d+\.\ds( eta=\d+\.\ds)?)");
    const std::regex pairs(R"((\w+ )?[\w/]+=\S+( [\w/]+=.+)*)");
    int steps = 0;
    for (const auto& line : lines) {
        CAPTURE(line);
        CHECK(std::regex_match(line, pairs));
        if (line.rfind("step=", 0) != 0) continue;
        CHECK(std::regex_match(line, step));
        CHECK(contains(line, " eta=") == !line.starts_with("step=0/"));  // no step has been timed
        ++steps;
    }
    CHECK(steps >= 10);
    CHECK(lines[0].rfind("data=tales-zh vocabulary=", 0) == 0);
    // V C + T C + 12 C^2 + 13 C + 2 C
    const Index C = 16, V = static_cast<Index>(source->alphabet().size()), T = source->max_length(),
                params = (V + T) * C + 12 * C * C + 13 * C + 2 * C;
    CHECK(contains(lines[0], "params=" + std::to_string(params)));
    std::smatch done;
    REQUIRE(std::regex_match(lines.back(), done,
                             std::regex(R"(done steps=20 val=(\d+\.\d{4}) floor=)" + floor +
                                        R"( bits_per_byte=\d\.\d{4} floor_bits_per_byte=0\.\d{4})"
                                        R"( params=(\d+) seconds=\d+\.\d out=(.+))")));
    CHECK(done[2] == std::to_string(params));
    CHECK(done[3] == out);
    const double val = std::stod(done[1]);
    CHECK(val < std::log(static_cast<double>(V)));  // it has learnt something
    CHECK(val > source->floor());

    const TextRun info = load_text_run(out);
    CHECK(info.result.val == doctest::Approx(val).epsilon(1e-3));
    CHECK(info.result.steps == 20);
    TextModel model = load_text_model(out, info);
    CHECK(parameter_count(model) == params);
    CHECK(fs::exists(out + "/resume.safetensors"));
    const std::string log = read_file(out + "/log.csv");
    CHECK(std::count(log.begin(), log.end(), '\n') == 1 + 20 + 1);  // header, steps, final loss
    const std::string report = read_file(out + "/report.html");
    CHECK(contains(report, "Done: 20 steps"));
    CHECK_FALSE(contains(report, "http-equiv"));
    CHECK(contains(report, "--layers 1 --heads 2 --width 16"));
    // The first step and every twentieth hold the update-to-weight ratio as well.
    CHECK(std::regex_search(log, std::regex(R"(\n1,[\d.]+,,[\d.e-]+,[\d.]+,[\d.e-]+,)")));
    CHECK(std::regex_search(log, std::regex(R"(\n3,[\d.]+,,[\d.e-]+,[\d.]+,,)")));
}

TEST_CASE("an unknown word gets exit code 2 and one line with the nearest known word") {
    check_refused(gradus_program({"gpt", "--setps", "3"}),
                  "--setps is not known; did you mean --steps?");
    check_refused(gradus_program({"gpt", "--setps=3"}),
                  "--setps is not known; did you mean --steps?");
    check_refused(gradus_program({"gpt", "--layer", "2"}), "did you mean --layers?");
    check_refused(gradus_program({"gpt", "--no-chatt"}), "did you mean --no-chat?");
    check_refused(gradus_program({"gpt", "--quetzalcoatl"}), "--quetzalcoatl is not known");
    check_refused(gradus_program({"gpt", "tales"}), "tales is not known");
    check_refused(gradus_program({"sample", "x", "--temprature", "1"}),
                  "did you mean --temperature?");
    check_refused(gradus_program({"chat", "x", "--topk", "1"}), "did you mean --top-k?");
    check_refused(gradus_program({"smaple", "x"}), "smaple is not known; did you mean sample?");
    check_refused(gradus_program({"quetzalcoatl"}), "quetzalcoatl is not known");
    check_refused(gradus_program({}), "say what to do: gpt, chat, sample, look, ");
    check_refused(gradus_program({"gpt", "--preset", "quik"}), "did you mean quick?");
}

TEST_CASE("words in the wrong place are told where they go") {
    const TemporaryFolder folder;
    const std::string runs = folder.file("runs"), run = runs + "/tales";
    fs::create_directory(runs);
    fs::copy(finished_run(), run);
    check_refused(gradus_program({run, "chat"}),
                  run + " is not a command, and the command comes first: gradus chat " + run);
    check_refused(gradus_program({run}), "gradus chat " + run);
    check_refused(gradus_program({"export", run, "hf"}), "did you mean --to hf?");
    check_refused(gradus_program({"chat", runs + "/tale"}), "(did you mean " + run + "?)");
    check_refused(
        gradus_program({"gpt", "--out", runs}),
        runs + ": runs are in " + run + " (give a new folder, such as " + runs + "/NAME)");
    check_refused(gradus_program({"gpt", "--resume", run, "--steps", "5"}),
                  "--steps 5, but 20 are done already");
    check_refused(gradus_program({"gpt", "--width", "64", "--out", folder.file("new")}),
                  "--width 64 does not go with the 3 heads of preset quick, which must divide it "
                  "(add --heads 2)");
    CHECK_FALSE(fs::exists(folder.file("new")));
    const ProcessResult name = gradus_program({"tokenize", "--tokenizer", run, run + "/run.json"});
    CHECK(contains(name.err, "its contents come in by < " + run + "/run.json\n"));
}

TEST_CASE("a value that is missing, too much or of another kind is named, with the rule") {
    const auto gpt = [](const Words& more, const std::string& part) {
        Words words = {"gpt"};
        words.insert(words.end(), more.begin(), more.end());
        check_refused(gradus_program(words), "gpt: " + part);
    };
    gpt({"--steps", "abc"}, "--steps: abc is not a whole number\n");
    gpt({"--steps", "1.5"}, "--steps: 1.5 is not a whole number\n");
    gpt({"--steps", "99999999999999999999"}, "--steps: 99999999999999999999 is too large\n");
    gpt({"--lr", "fast"}, "--lr: fast is not a number\n");
    gpt({"--seed", "x"}, "--seed: x is not a whole number\n");
    gpt({"--threads", "0"}, "--threads: 0, must be 1 to 1024\n");
    gpt({"--threads", "many"}, "--threads: many is not a whole number\n");
    gpt({"--width"}, "--width needs a value (gradus gpt --help explains it)\n");
    gpt({"--steps", "5", "--steps"}, "--steps needs a value (gradus gpt --help");
    gpt({"--lr", "1", "--lr", "2"}, "--lr is given twice (gradus gpt --help");
    gpt({"--plain=no"}, "--plain takes no value (gradus gpt --help");
    gpt({"--keep-best=no"}, "--keep-best takes no value (gradus gpt --help");
    check_refused(gradus_program({"chat"}), "chat: DIR is missing (gradus chat --help");
    check_refused(gradus_program({"export", "x"}),
                  "export: --to hf|gguf|npz is missing (gradus export --help");
    check_refused(gradus_program({"export", "x", "--to", "zip"}),
                  "export: --to: zip is not known (known: hf, gguf, npz)\n");
    check_refused(gradus_program({"sample", "x", "--top-k", "few"}),
                  "sample: --top-k: few is not a whole number\n");
}

TEST_CASE("an impossible number is refused before anything is created") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& flag, const std::string& value,
                             const std::string& part) {
        CAPTURE(flag);
        CAPTURE(value);
        const ProcessResult result =
            gradus_program({"gpt", flag, value, "--out", folder.file("run")});
        check_refused(result, part);
        CHECK(result.out.empty());
        CHECK(folder.files() == 0);
    };
    refused("--steps", "0", "--steps 0");
    refused("--optimiser", "adam", "did you mean adamw?");
    refused("--schedule", "linear", "there are cosine, constant, wsd");
    refused("--momentum", "1", "momentum 1, must be from 0 to below 1");
    refused("--cooldown", "2", "cooldown 2, must be from 0 to 1");
    refused("--steps", "-3", "--steps -3");
    refused("--steps", "2.5", "--steps");
    refused("--steps", "many", "--steps");
    refused("--steps", "99999999999999999999999", "--steps");
    refused("--batch", "0", "--batch 0");
    refused("--batch", "-1", "--batch -1");
    refused("--batch", "100000000", "--batch");
    refused("--accumulate", "0", "accumulate 0");
    refused("--lr", "0", "learning rate 0");
    refused("--lr", "-1", "learning rate -1");
    refused("--lr", "nan", "learning rate nan");
    refused("--lr", "fast", "--lr");
    refused("--dropout", "1", "dropout 1");
    refused("--dropout", "-0.1", "dropout -0.1");
    refused("--layers", "0", "0 layers");
    refused("--heads", "0", "0 heads");
    refused("--heads", "7", "heads must divide the width");
    refused("--width", "0", "width 0");
    refused("--width", "1000000", "width 1000000");
    refused("--context", "0", "context 0");
    refused("--context", "10", "shorter than the longest of the stories");
    refused("--seed", "-1", "--seed");
    refused("--seed", "x", "--seed");
    refused("--threads", "0", "--threads");
    refused("--threads", "100000", "--threads");
    check_refused(gradus_program({"gpt", "--steps"}), "--steps");
}

TEST_CASE("data that is not text is refused in a line that names the file") {
    const TemporaryFolder folder;
    const auto refused = [&](const std::string& name, const std::string& part) {
        CAPTURE(name);
        const std::string out = folder.file("run");
        const ProcessResult result =
            gradus_program({"gpt", "--data", name, "--context", "16", "--out", out});
        check_refused(result, part);
        CHECK(contains(result.err, name + ": "));
        CHECK_FALSE(fs::exists(out));
    };
    const auto file = [&](const std::string& name, const std::string& contents) {
        write_file(folder.file(name), contents);
        return folder.file(name);
    };
    refused(folder.file("none.txt"), "there is no such file");
    refused("tale", "there is no such file (built in: tales, ");
    refused(file("empty.txt", ""), "the file is empty");
    refused(file("mark.txt", "\xEF\xBB\xBF"), "empty");
    refused(file("binary.txt", std::string("ab\0cd", 5) + std::string(500, 'x')), "binary");
    refused(file("latin1.txt", "caf\xE9 " + std::string(500, 'x')),
            "not UTF-8: byte 0xE9 at offset 3");
    refused(file("utf16.txt", "\xFF\xFE" + std::string(500, 'x')), "UTF-16");
    refused(folder.path(), "it is a folder");
    refused(file("short.txt", std::string(100, 'a') + "b"), "too few");
    refused(file("nearly.txt", std::string(160, 'a')), "too few");  // a tenth is 16: one short
}

TEST_CASE("if nothing can be written, the training does not begin") {
    const TemporaryFolder folder;
    write_file(folder.file("file"), "x");
    Words places = {folder.file("file"), folder.file("file/run")};
#ifdef __linux__
    places.push_back("/proc/run");  // not even root may
#endif
    for (const std::string& place : places) {
        CAPTURE(place);
        const ProcessResult result = gradus_program(training(place));
        check_refused(result, place + ": cannot create this folder");
        CHECK_FALSE(contains(result.out, "step="));
    }
    CHECK(read_file(folder.file("file")) == "x");
}

TEST_CASE("a full disk is one line, exit code 2, and no half-written file") {
    // A limit on the size of files stands in for the disk: writing beyond it fails in the same way.
    // 16 kB of weights, 25 kB of the rest of a run, fit into none, the first or all but the last.
    for (const long bytes : {100L, 4096L, 30000L}) {
        CAPTURE(bytes);
        const TemporaryFolder folder;
        const std::string out = folder.file("run");
        ProcessOptions options;
        options.file_limit = bytes;
        const ProcessResult result = gradus_program(training(out), options);
        check_refused(result, "cannot write");
        for (const auto& entry : fs::directory_iterator(out)) {
            const std::string name = entry.path().filename().string();
            CAPTURE(name);
            CHECK_FALSE(contains(name, ".tmp"));
        }
    }
}

TEST_CASE("a disk that fills up in the middle leaves the last saved state whole") {
    const TemporaryFolder folder;
    const std::string out = folder.file("run");
    REQUIRE(gradus_program(training(out)).code == 0);
    const std::string model = model_bytes(out), resume = read_file(out + "/resume.safetensors"),
                      json = read_file(out + "/run.json");
    ProcessOptions options;
    options.file_limit = 1000;
    check_refused(gradus_program({"gpt", "--resume", out, "--steps", "30"}, options),
                  "cannot write");
    CHECK(model_bytes(out) == model);
    CHECK(read_file(out + "/resume.safetensors") == resume);
    CHECK(read_file(out + "/run.json") == json);
    // run.json, both .safetensors, inside.json, log.csv and report.html, and nothing half-written.
    CHECK(std::distance(fs::directory_iterator(out), {}) == 6);
}

TEST_CASE("standard output that takes nothing is an error, and a reader that leaves ends the run") {
    const TemporaryFolder folder;
#ifdef __linux__
    ProcessOptions full;
    full.output = "/dev/full";
    check_refused(gradus_program({"sample", finished_run()}, full), "standard output");
    check_refused(gradus_program({"gpt", "--help"}, full), "standard output");
#endif
    ProcessOptions nobody;
    nobody.reads_output = false;
    const std::string out = folder.file("run");
    const ProcessResult result = gradus_program(training(out, {}, "100000"), nobody);
    CHECK(result.code != 0);
    const TextRun info = load_text_run(out);
    CHECK(info.result.steps < 100000);
    CHECK(gradus_program({"gpt", "--resume", out, "--steps", std::to_string(info.result.steps + 5)})
              .code == 0);
}

TEST_CASE(
    "a learning rate of a million stops with the operation's name, and what is saved is whole") {
    const TemporaryFolder folder;
    const std::string out = folder.file("run");
    const ProcessResult result = gradus_program(training(out, {"--lr", "1e6"}, "200"));
    check_refused(result, "a learning rate of 1e+06 may be too high");
    const std::regex explained(
        R"(gradus: step \d+: (loss|gradient norm) is (nan|infinite); ((backward of )?\w+: .*|parameter .*)\n)");
    CHECK(std::regex_match(result.err, explained));
    const TextRun info = load_text_run(out);
    TextModel model = load_text_model(out, info);
    for (const auto& p : named_parameters(model)) CHECK(all_finite(p.variable.value()));
}

TEST_CASE("a damaged run is refused by chat, sample and --resume in a line that names the file") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    const auto restore = [&] {
        fs::remove_all(run);
        fs::copy(finished_run(), run);
    };
    const auto cut = [&](const std::string& name, std::size_t keep) {
        write_file(run + "/" + name, read_file(run + "/" + name).substr(0, keep));
    };
    const auto all_refuse = [&](const std::string& part) {
        check_refused(gradus_program({"sample", run}), part);
        check_refused(gradus_program({"chat", run}), part);
        check_refused(gradus_program({"gpt", "--resume", run}), part);
    };
    all_refuse(run + ": there is no such folder");
    fs::create_directory(run);
    all_refuse(run + "/run.json: ");
    restore();
    cut("run.json", 300);
    all_refuse(run + "/run.json: not a run description: offset 300: not JSON\n");
    restore();
    write_file(run + "/run.json", "{}");
    all_refuse(run + "/run.json: \"format\"");

    const auto readers_refuse = [&](const std::string& part) {
        check_refused(gradus_program({"sample", run}), part);
        check_refused(gradus_program({"chat", run}), part);
    };
    restore();
    cut("model.safetensors", 5000);
    readers_refuse(run + "/model.safetensors: ");
    fs::remove(run + "/model.safetensors");
    readers_refuse(run + "/model.safetensors: cannot read: no such file");
    readers_refuse("(gradus gpt --resume " + run + " writes it again)\n");
    const ProcessResult repaired = gradus_program({"gpt", "--resume", run});
    CHECK(repaired.code == 0);
    CHECK(contains(repaired.out, "/model.safetensors: cannot read: no such file or folder; "));
    CHECK(contains(repaired.out, "finished steps=20 "));
    CHECK(model_bytes(run) == model_bytes(finished_run()));
    cut("model.safetensors", 5000);
    cut("resume.safetensors", 5000);  // so nothing writes it again
    CHECK_FALSE(contains(gradus_program({"sample", run}).err, "writes it again"));
    restore();
    cut("resume.safetensors", 5000);
    check_refused(gradus_program({"gpt", "--resume", run}), run + "/resume.safetensors: ");
    fs::remove(run + "/resume.safetensors");
    check_refused(gradus_program({"gpt", "--resume", run}),
                  run + "/resume.safetensors: cannot read: no such file");
    fs::copy(run + "/model.safetensors", run + "/resume.safetensors");
    check_refused(gradus_program({"gpt", "--resume", run}), run + "/resume.safetensors: ");
}

TEST_CASE("a folder that holds a run is not written over") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    fs::copy(finished_run(), run);
    const std::string before = model_bytes(run);
    check_refused(gradus_program(training(run, {"--seed", "9"})), run + ": already holds a run");
    CHECK(model_bytes(run) == before);
    check_refused(gradus_program({"gpt", "--resume", run, "--seed", "9"}),
                  "--seed does not go with --resume");
    check_refused(gradus_program({"gpt", "--resume", run, "--width", "32"}),
                  "--width does not go with");
}

TEST_CASE("without --out runs are named after data and preset, and numbered") {
    const TemporaryFolder folder;
    ProcessOptions options;
    options.folder = folder.path();
    Words words = training("");
    words.erase(std::find(words.begin(), words.end(), "--out"),
                std::find(words.begin(), words.end(), "--out") + 2);
    CHECK(contains(gradus_program(words, options).out, " out=runs/tales-zh-quick\n"));
    CHECK(contains(gradus_program(words, options).out, " out=runs/tales-zh-quick-2\n"));
    CHECK(model_bytes(folder.file("runs/tales-zh-quick")) ==
          model_bytes(folder.file("runs/tales-zh-quick-2")));
}

TEST_CASE("the same seed gives the same model file, another seed another" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    REQUIRE(gradus_program(training(folder.file("one"), {"--seed", "1"})).code == 0);
    REQUIRE(gradus_program(training(folder.file("two"), {"--seed", "2"})).code == 0);
    CHECK(model_bytes(folder.file("one")) == model_bytes(finished_run()));  // 1 is the default
    CHECK(model_bytes(folder.file("two")) != model_bytes(finished_run()));
}

TEST_CASE("1, 2 and 3 threads give the same model file, with dropout too" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    for (const std::string& dropout : kSanitized ? Words{"0.1"} : Words{"0", "0.1"}) {
        std::string first;
        for (const char* threads : {"1", "2", "3"}) {
            CAPTURE(threads);
            const std::string out = folder.file(std::string(threads) + "-" + dropout);
            Words words = training(out, {"--threads", threads, "--dropout", dropout}, "6");
            *(std::find(words.begin(), words.end(), "--width") + 1) = "48";
            *(std::find(words.begin(), words.end(), "--batch") + 1) = "16";
            REQUIRE(gradus_program(words).code == 0);
            if (first.empty()) first = model_bytes(out);
            CHECK(model_bytes(out) == first);
        }
    }
}

TEST_CASE(
    "Ctrl-C saves and says how to go on, and going on gives the model of an uninterrupted run") {
    const TemporaryFolder folder;
    const std::string steps = kSanitized ? "60" : "300";
    const std::string whole = folder.file("whole"), broken = folder.file("broken");
    const Words dropout = {"--dropout", "0.1"};
    REQUIRE(gradus_program(training(whole, dropout, steps)).code == 0);

    bool sent = false;
    ProcessOptions options;
    options.on_output = [&](pid_t process, const std::string& out) {
        if (sent || !contains(out, "step=" + std::string(kSanitized ? "6/" : "30/"))) return;
        sent = true;
        ::kill(process, SIGINT);
    };
    const ProcessResult result = gradus_program(training(broken, dropout, steps), options);
    CHECK(sent);
    CHECK(result.code == 130);
    CHECK(result.err.empty());
    std::smatch line;
    const std::string last = lines_of(result.out).back();
    REQUIRE(std::regex_match(
        last, line,
        std::regex(
            R"~(interrupted steps=(\d+) out=(.+) resume="(\./gradus) (gpt --resume (.+))")~")));
    CHECK(line[2] == broken);
    CHECK(line[5] == broken);
    CHECK(load_text_run(broken).result.steps == std::stoi(line[1]));
    REQUIRE(std::stoi(line[1]) < std::stoi(steps));
    CHECK(gradus_program({"sample", broken}).code == 0);  // it can be used as it is

    const ProcessResult rest = gradus_program({"gpt", "--resume", broken, "--threads", "1"});
    CHECK(rest.code == 0);
    CHECK(contains(rest.out, "\ndone steps=" + steps + " "));
    CHECK(model_bytes(broken) == model_bytes(whole));
    CHECK(read_file(broken + "/resume.safetensors") == read_file(whole + "/resume.safetensors"));
}

TEST_CASE("a run goes by the optimiser and the schedule that its flags name, also when resumed" *
          kFullSpeedOnly) {
    const TemporaryFolder folder;
    std::vector<std::string> models = {model_bytes(finished_run())};  // Muon, cosine
    for (const std::string optimiser : {"sgd", "lion", "adamw"}) {
        CAPTURE(optimiser);
        const std::string run = folder.file(optimiser);
        const Words flags = {"--optimiser", optimiser, "--schedule", "wsd", "--cooldown", "0.5"};
        REQUIRE(gradus_program(training(run, flags)).code == 0);
        const TextRun saved = load_text_run(run);
        CHECK(saved.training.optimiser == optimiser);
        CHECK(saved.training.schedule == "wsd");
        CHECK(saved.training.cooldown == 0.5);
        models.push_back(model_bytes(run));
    }
    const std::string lion = folder.file("lion");
    check_refused(gradus_program({"gpt", "--resume", lion, "--optimiser", "adamw"}),
                  "--optimiser does not go with --resume");
    CHECK(contains(gradus_program({"gpt", "--resume", lion, "--steps", "25", "--threads", "1"}).out,
                   "\ndone steps=25 "));
    std::sort(models.begin(), models.end());
    CHECK(std::unique(models.begin(), models.end()) == models.end());  // four different ones
}

TEST_CASE("a finished run can go on for more steps") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    fs::copy(finished_run(), run);
    const ProcessResult same = gradus_program({"gpt", "--resume", run});
    CHECK(same.code == 0);
    CHECK(same.out.starts_with("finished steps=20 val="));
    CHECK(same.out.ends_with(" out=" + run + "\n"));
    CHECK(read_file(run + "/run.json") == read_file(finished_run() + "/run.json"));
    CHECK(model_bytes(run) == model_bytes(finished_run()));
    CHECK(
        contains(gradus_program({"gpt", "--resume", run, "--steps", "25"}).out, "done steps=25 "));
    CHECK(load_text_run(run).result.steps == 25);
    CHECK(model_bytes(run) != model_bytes(finished_run()));
}

// A model that reads a text file and is trained in no time.
static Words learning(const std::string& data, const std::string& out, const Words& more) {
    Words words = {"gpt", "--data",    data, "--layers",  "1",  "--heads",
                   "2",   "--width",   "16", "--context", "16", "--batch",
                   "4",   "--threads", "1",  "--out",     out};
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

TEST_CASE("any text file can be learnt from, and any file at all as bytes") {
    const TemporaryFolder folder;
    std::string text, bytes;
    Random random(1);
    for (int i = 0; i < 200; ++i)
        text += random.below(2) ? "das große Haus. " : "ein kleiner Baum, ";
    for (int i = 0; i < 2000; ++i) bytes += static_cast<char>(random.below(256));
    write_file(folder.file("text.txt"), text);
    write_file(folder.file("bytes.bin"), bytes);
    const ProcessResult result =
        gradus_program(learning(folder.file("text.txt"), folder.file("text"), {"--steps", "10"}));
    CHECK(result.code == 0);
    CHECK(std::regex_search(
        result.out,
        std::regex(
            R"(^data=\S+/text\.txt vocabulary=\d+ uniform_baseline=[\d.]+ bigram_baseline=[\d.]+ )")));
    CHECK(contains(result.out, " floor=unknown "));
    const ProcessResult sample =
        gradus_program({"sample", folder.file("text"), "--tokens", "30", "--prompt", "große"});
    CHECK(sample.code == 0);
    CHECK(sample.out.rfind("große", 0) == 0);
    CHECK(utf8_characters(sample.out).size() == 35);

    const Words words = learning(folder.file("bytes.bin"), folder.file("bytes"),
                                 {"--steps", "10", "--tokenizer", "bytes"});
    CHECK(contains(gradus_program(words).out, " vocabulary=256 "));
    CHECK(gradus_program({"sample", folder.file("bytes"), "--tokens", "30"}).code == 0);

    // A run whose file has changed since cannot go on.
    write_file(folder.file("text.txt"), text + "Ω");
    check_refused(gradus_program({"gpt", "--resume", folder.file("text"), "--steps", "20"}),
                  "the file has changed");
    fs::remove(folder.file("text.txt"));
    check_refused(gradus_program({"gpt", "--resume", folder.file("text"), "--steps", "20"}),
                  "there is no such file");
}

TEST_CASE("with --tokenizer bpe:N a run learns its tokens from the data, and keeps them") {
    const TemporaryFolder folder;
    std::string text;
    Random random(1);
    for (int i = 0; i < 400; ++i) text += random.below(2) ? "the cat sat; " : "那只猫坐着。";
    write_file(folder.file("text.txt"), text);
    const auto run = [&](const std::string& out, const Words& more) {
        return gradus_program(learning(folder.file("text.txt"), folder.file(out), more));
    };
    const ProcessResult first = run("first", {"--tokenizer", "bpe:20", "--steps", "20"});
    CHECK(first.code == 0);
    CHECK(contains(first.out, " vocabulary=276 "));
    CHECK(contains(read_file(folder.file("first") + "/report.html"), "nats per token"));
    CHECK(contains(read_file(folder.file("first") + "/report.html"), "--tokenizer bpe:20 "));
    CHECK(gradus_program({"gpt", "--resume", folder.file("first"), "--steps", "30"}).code == 0);
    const ProcessResult sample = gradus_program(
        {"sample", folder.file("first"), "--tokens", "30", "--prompt", "那只 cat ☃"});
    CHECK(sample.code == 0);  // any text can be a prompt
    CHECK(sample.out.rfind("那只 cat ☃", 0) == 0);
    check_refused(
        run("words", {"--tokenizer", "words"}),
        "tokenizer \"words\" is not known (known: characters, bytes, bpe:N, or a file or folder "
        "that has one)");
    check_refused(run("zero", {"--tokenizer", "bpe:0"}), "must be from 1 to 100000 (bpe:2000)");
    write_file(folder.file("text.txt"), text + text);  // the same pairs, counted twice
    check_refused(gradus_program({"gpt", "--resume", folder.file("first"), "--steps", "40"}),
                  "the file has changed");
}

TEST_CASE("sample prints pure text, and the same text for the same seed") {
    const auto sample = [](const Words& more) {
        Words words = {"sample", finished_run()};
        words.insert(words.end(), more.begin(), more.end());
        const ProcessResult result = gradus_program(words);
        CHECK(result.code == 0);
        CHECK(result.err.empty());
        return result.out;
    };
    const auto source = text_source("tales-zh");
    const auto alphabet = source->alphabet();
    const auto pure = [&](const std::string& text) {
        for (const auto character : utf8_characters(text))
            if (std::find(alphabet.begin(), alphabet.end(), character) == alphabet.end())
                return false;
        return true;
    };
    const std::string text = sample({});
    CHECK_FALSE(text.empty());
    CHECK(pure(text));
    CHECK(sample({}) == text);
    CHECK(sample({"--seed", "1"}) == text);
    CHECK(sample({"--seed", "2"}) != text);
    CHECK(sample({"--threads", "3"}) == text);

    const std::string greedy = sample({"--temperature", "0", "--tokens", "40"});
    CHECK(sample({"--temperature", "0", "--tokens", "40", "--seed", "7"}) == greedy);
    CHECK(sample({"--top-k", "1", "--tokens", "40"}) == greedy);
    CHECK(sample({"--top-p", "0", "--tokens", "40"}) == greedy);
    const std::string many = sample({"--tokens", "150"});  // more than the context
    CHECK(utf8_characters(many).size() == 150);
    CHECK(pure(many));
    CHECK(sample({"--tokens", "0"}).empty());
    CHECK(sample({"--prompt", "松鼠", "--tokens", "5"}).rfind("松鼠", 0) == 0);
    CHECK(sample({"--prompt", "松鼠", "--tokens", "0"}) == "松鼠");
}

TEST_CASE("sample refuses what it cannot do") {
    const std::string& run = finished_run();
    check_refused(gradus_program({"sample"}), "sample: DIR is missing");
    check_refused(gradus_program({"sample", run, "--prompt", "q"}), "'q'");
    check_refused(gradus_program({"sample", run, "--prompt", "\xFF"}), "UTF-8");
    check_refused(gradus_program({"sample", run, "--temperature", "-1"}), "temperature -1");
    check_refused(gradus_program({"sample", run, "--temperature", "nan"}), "temperature nan");
    check_refused(gradus_program({"sample", run, "--top-p", "1.5"}), "top_p 1.5");
    check_refused(gradus_program({"sample", run, "--top-k", "-1"}), "top_k -1");
    check_refused(gradus_program({"sample", run, "--tokens", "-1"}), "--tokens -1");
    check_refused(gradus_program({"sample", run, "--seed", "-1"}), "--seed");
    check_refused(gradus_program({"chat", run, "--temperature", "-1"}), "temperature -1");
    check_refused(gradus_program({"chat", run, "--tokens", "-1"}), "--tokens -1");
}

TEST_CASE("--int8 says in one line what it saves and costs, and writes text of the same kind") {
    const std::regex line(
        R"(8 bits: (\d+\.\d\d) MB instead of (\d+\.\d\d); held-out loss (\d+\.\d{4}) instead of )"
        R"((\d+\.\d{4}) \(([+-]\d+\.\d{4})\) nats per character\n)");
    const auto number = [](const std::smatch& m, std::size_t i) { return std::stod(m[i].str()); };
    const Words words = {"sample", finished_run(), "--int8", "--tokens", "60"};
    const ProcessResult result = gradus_program(words);
    CHECK(result.code == 0);
    CAPTURE(result.err);
    std::smatch m;
    REQUIRE(std::regex_match(result.err, m, line));
    CHECK(number(m, 1) < number(m, 2));
    CHECK(number(m, 3) - number(m, 4) == doctest::Approx(number(m, 5)).epsilon(0.02).scale(0.01));
    CHECK(std::abs(number(m, 5)) < 0.01);
    CHECK(utf8_characters(result.out).size() == 60);
    CHECK(gradus_program(words).out == result.out);
    Words three = words;
    three.insert(three.end(), {"--threads", "3"});
    CHECK(gradus_program(three).out == result.out);

    ProcessOptions options;
    options.input = "松鼠\n";
    const ProcessResult chat = gradus_program({"chat", finished_run(), "--int8"}, options);
    CHECK(chat.code == 0);
    CHECK(chat.err.empty());
    CHECK(chat.out.rfind("8 bits: ", 0) == 0);
    CHECK(contains(chat.out, "> 松鼠"));
}

TEST_CASE("--kv-cache says what it saves and costs, with --int8 in a line of its own") {
    const std::string pattern = R"( MB instead of (\d+\.\d\d); held-out loss (\d+\.\d{4}) instead )"
                                R"(of (\d+\.\d{4}) \(([+-]\d+\.\d{4})\) nats per character\n)";
    const Words words = {"sample", finished_run(), "--tokens", "60", "--kv-cache"};
    const auto with = [&](const Words& more) {
        Words all = words;
        all.insert(all.end(), more.begin(), more.end());
        return gradus_program(all);
    };
    const ProcessResult plain = with({"f32"});
    CHECK(plain.err.empty());
    CHECK(plain.out == gradus_program({"sample", finished_run(), "--tokens", "60"}).out);
    for (const std::string format : {"bf16", "int8"}) {
        const ProcessResult result = with({format});
        CAPTURE(result.err);
        std::smatch m;
        REQUIRE(std::regex_match(
            result.err, m,
            std::regex("KV cache in " + format + R"(, when full: (\d+\.\d\d))" + pattern)));
        CHECK(std::stod(m[1].str()) < std::stod(m[2].str()));
        CHECK(std::abs(std::stod(m[5].str())) < 0.01);
        CHECK(utf8_characters(result.out).size() == 60);
        CHECK(with({format, "--threads", "3"}).out == result.out);
    }
    const std::string both = with({"int8", "--int8"}).err;
    CHECK(both.rfind("8 bits: ", 0) == 0);
    CHECK(contains(both, "\nKV cache in int8, when full: "));
    check_refused(with({"fp16"}), "a KV cache is kept in f32, bf16 or int8, not in \"fp16\"");
}

TEST_CASE("--int8 without the file that the run learnt from still writes, and says so") {
    const TemporaryFolder folder;
    const std::string book = folder.file("book.txt"), run = folder.file("run");
    std::string text;
    for (int i = 0; i < 100; ++i) text += "one two three four five\n";
    write_file(book, text);
    REQUIRE(gradus_program({"gpt", "--data", book, "--layers", "1", "--heads", "1", "--width", "8",
                            "--context", "16", "--batch", "2", "--steps", "2", "--out", run})
                .code == 0);
    const Words words = {"sample", run, "--int8", "--tokens", "10"};
    CHECK(contains(gradus_program(words).err, "nats per character"));
    write_file(book, text + "!");
    CHECK(contains(gradus_program(words).err, "cannot be measured: " + book + ": the file has"));
    fs::remove(book);
    const ProcessResult result = gradus_program(words);
    CHECK(result.code == 0);
    CHECK(contains(result.err, "cannot be measured: " + book + ": there is no such file"));
    CHECK(result.out.size() == 10);
}

TEST_CASE("chat through a pipe answers every line and ends with the input") {
    ProcessOptions options;
    options.input = "松鼠朵朵\n\nzebra 松鼠\n\xFF\n last";
    const ProcessResult result =
        gradus_program({"chat", finished_run(), "--tokens", "20"}, options);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(contains(result.out, "\x1b"));
    CHECK(contains(result.out, "> 松鼠朵朵"));
    CHECK(contains(result.out, "(6 characters never seen in training are left out)\n松鼠"));
    CHECK(contains(result.out, "(1 character never seen in training is left out)"));
    CHECK(count_of(result.out, "\n> ") == 6);  // five lines and the end
    CHECK(result.out.back() == '\n');
    CHECK(gradus_program({"chat", finished_run(), "--tokens", "20"}, options).out == result.out);
    CHECK(gradus_program({"chat", finished_run()}).code == 0);  // no input at all
}

TEST_CASE("look shows what each layer does with a text, and only whole lines through a pipe") {
    const Words words = {"look", finished_run(), "--prompt", "松鼠朵朵"};
    const ProcessResult result =
        gradus_program(words, {.environment = {{"LC_ALL", "C.UTF-8"}, {"COLUMNS", "60"}}});
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK_FALSE(contains(result.out, "\x1b"));
    for (const char* part :
         {"Surprisal of each", "Next-token", "logit lens", "Attention: layer 1\n", "\nhead 1\n",
          "\nhead 2\n", "松", "layer by layer", "treats alike", "principal component"})
        CHECK(contains(result.out, part));
    for (const auto& line : lines_of(result.out)) {
        CAPTURE(line);
        CHECK(display_width(line) < 60);
    }
    Words ascii = words;
    ascii.emplace_back("--ascii");
    const std::string plain = gradus_program(ascii).out;
    CHECK(contains(plain, "Attention"));
    CHECK(is_ascii(plain));
}

TEST_CASE("look writes a page with --html, and says where") {
    const TemporaryFolder folder;
    const std::string page = folder.file("look.html");
    const ProcessResult result =
        gradus_program({"look", finished_run(), "--prompt", "松鼠朵朵", "--html", page});
    CHECK(result.code == 0);
    CHECK(result.out == page + "\n");
    CHECK(contains(read_file(page), "<td>↵松鼠朵朵</td>"));
    check_refused(gradus_program({"look", finished_run(), "--html", "/nowhere/look.html"}),
                  "/nowhere/look.html");
}

TEST_CASE("look writes its pictures with --png, each to a file, and names them" * kFullSpeedOnly) {
    const TemporaryFolder folder;
    const std::string pictures = folder.file("new/pictures");
    const ProcessResult result =
        gradus_program({"look", finished_run(), "--prompt", "松鼠朵朵", "--png", pictures});
    CHECK(result.code == 0);
    const std::vector<std::string> names = lines_of(result.out);
    REQUIRE(names.size() >= 5);
    CHECK(names.front() == pictures + "/next.png");
    CHECK(names.back() == pictures + "/embedding.png");
    for (const auto& name : names) CHECK(read_grey_image(name).width == 1280);
    check_refused(gradus_program({"look", finished_run(), "--png", "/dev/null/a"}), "/dev/null/a");
}

TEST_CASE("a resumed run keeps its samples, each step once") {
    const TemporaryFolder folder;
    const std::string out = folder.file("run");
    REQUIRE(gradus_program(training(out)).code == 0);
    REQUIRE(gradus_program({"gpt", "--resume", out, "--steps", "30", "--threads", "1"}).code == 0);
    std::vector<Index> steps;
    for (const auto& sample : load_text_run(out).result.snapshots) steps.push_back(sample.step);
    CHECK(steps == std::vector<Index>{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 21, 24, 27, 30});
    const std::string report = read_file(out + "/report.html");
    CHECK(contains(report, "<li>Step 0,"));
    CHECK(contains(report, "<li>Step 30,"));
    // It keeps the snapshots too, one per step.
    for (const Index step : steps)
        CHECK(contains(report, fmt::format("<section class=\"moment\" id=\"step-{}\"", step)));
    fs::remove(out + "/inside.json");  // of an older version
    CHECK(gradus_program({"gpt", "--resume", out, "--steps", "31", "--threads", "1"}).code == 0);
    write_file(out + "/inside.json", "[{}]");
    // What is only decoration is left out if damaged, with a warning.
    const ProcessResult damaged =
        gradus_program({"gpt", "--resume", out, "--steps", "32", "--threads", "1"});
    CHECK(damaged.code == 0);
    CHECK(contains(damaged.out, "warning: " + out + "/inside.json: "));
    CHECK(contains(damaged.out, "done steps=32 "));
}

TEST_CASE("look refuses what it cannot read") {
    check_refused(gradus_program({"look", "/nowhere"}), "/nowhere: there is no such folder");
    check_refused(gradus_program({"look", finished_run(), "--prompt", "QX"}), "Q");
    std::string long_text;
    for (int i = 0; i < 200; ++i) long_text += "松";
    check_refused(gradus_program({"look", finished_run(), "--prompt", long_text}),
                  "look: the text has 201 tokens");
}

TEST_CASE("--help of every command names every flag and its default") {
    const auto check_help = [](const Words& command, const Words& flags) {
        const ProcessResult help = gradus_program(command);
        CAPTURE(command[0]);
        CHECK(help.code == 0);
        CHECK(help.err.empty());
        CHECK_FALSE(contains(help.out, "\x1b"));
        const auto lines = lines_of(help.out);
        std::vector<std::string> found;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            std::smatch flag;
            if (!std::regex_search(lines[i], flag, std::regex(R"(^  (--[\w-]+)(.*))"))) continue;
            found.push_back(flag[1]);
            CAPTURE(lines[i]);
            std::string about = flag[2];
            for (std::size_t j = i + 1; j < lines.size() && lines[j].rfind("     ", 0) == 0; ++j)
                about += lines[j];
            // "--top-k K=0   Only ..." or "... (default: quick 4, ...)"; --resume has none.
            const bool has_default =
                std::regex_search(about, std::regex(R"(^ \S+=\S+)")) || contains(about, "default");
            CHECK((has_default || flag[1] == "--resume"));
            CHECK(std::count(about.begin(), about.end(), '(') ==
                  std::count(about.begin(), about.end(), ')'));
            CHECK(about.size() > 40);  // something is said
        }
        std::vector<std::string> expected = flags;
        std::sort(expected.begin(), expected.end());
        std::sort(found.begin(), found.end());
        CHECK(found == expected);
    };
    check_help({"gpt", "--help"},
               {"--tokenizer",  "--data",      "--preset",       "--steps",    "--batch",
                "--accumulate", "--lr",        "--min-lr",       "--warmup",   "--clip",
                "--beta1",      "--beta2",     "--eps",          "--decay",    "--evaluations",
                "--patience",   "--keep-best", "--save-minutes", "--bias",     "--dropout",
                "--optimiser",  "--schedule",  "--momentum",     "--cooldown", "--bf16",
                "--recompute",  "--layers",    "--heads",        "--width",    "--context",
                "--seed",       "--threads",   "--out",          "--name",     "--resume",
                "--plain",      "--ascii",     "--no-chat",      "--init",     "--window"});
    const Words text = {"--temperature", "--top-k",   "--top-p", "--tokens",
                        "--seed",        "--threads", "--int8",  "--kv-cache"};
    check_help({"chat", "--help"}, text);
    Words sample = text;
    sample.push_back("--prompt");
    check_help({"sample", "--help"}, sample);
    check_help({"look", "--help"}, {"--prompt", "--html", "--png", "--ascii"});
    check_help({"compare", "--help"}, {"--html", "--ascii"});
    check_help({"logits", "--help"}, {"--ids", "--prompt", "--all", "--threads"});
    check_help({"export", "--help"}, {"--to", "--out", "--format"});
    const ProcessResult all = gradus_program({"--help"});
    CHECK(all.code == 0);
    for (const char* command :
         {"gpt", "chat", "sample", "look", "compare", "tokenize", "logits", "export"})
        CHECK(contains(all.out, command));
    CHECK(gradus_program({"gpt", "-h"}).out == gradus_program({"gpt", "--help"}).out);
}

TEST_CASE("every field of a configuration is a flag, and appears in run.json and in the report") {
    TextRun run;
    const std::string help = gradus_program({"gpt", "--help"}).out,
                      report = read_file(finished_run() + "/report.html");
    const Description description(finished_run());
    int fields = 0;
    for (const auto& [section, list] :
         {std::pair{"model", fields_of(run.model)}, std::pair{"training", fields_of(run.training)},
          std::pair{"training", fields_of(run.run)}, std::pair{"training", run.batch_fields()}}) {
        for (const Field& field : list) {
            CAPTURE(field.name);
            CHECK(contains(help, "\n  " + field.flag() + " ") == field.about.flag);
            CHECK(description.whole()[section].contains(field.name));
            CHECK(contains(report, ">" + field.label() + "<"));
            ++fields;
        }
    }
    CHECK(fields >= 20);
    // And one that is not resumable cannot be combined with --resume.
    check_refused(gradus_program({"gpt", "--resume", finished_run(), "--clip", "2"}),
                  "--clip does not go with --resume");
}

TEST_CASE("an instruction set that this processor lacks is refused by name") {
    ProcessOptions options;
    options.environment = {{"GRADUS_ISA", "mmx"}};
    check_refused(gradus_program({"sample", finished_run()}, options), "\"mmx\" is not one of");
}

TEST_CASE("a learning rate of 10 is called diverging within the first tenth of a quick run" *
          kFullSpeedOnly) {
    const TemporaryFolder folder;
    bool sent = false;
    ProcessOptions options;
    options.on_output = [&](pid_t process, const std::string& out) {
        if (sent || !contains(out, "\nverdict ")) return;
        sent = true;
        ::kill(process, SIGINT);
    };
    const ProcessResult result = run_to_end({GRADUS_BINARY_DIR "/bin/gradus-gpt", "gpt", "--lr",
                                             "10", "--plain", "--out", folder.file("run")},
                                            options);
    CAPTURE(result.out);
    CHECK(sent);
    CHECK(contains(result.out, "\nverdict step=20 kind=diverging"));
}

#endif
