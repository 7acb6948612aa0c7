// SPDX-License-Identifier: MIT
// Models from elsewhere and for elsewhere, as a person or a script meets them: ./gradus gpt --init,
// export, logits, and chat, sample and look on what was exported.
#ifndef GRADUS_DOUBLE  // the program is built in float only
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/all.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

using Words = std::vector<std::string>;

ProcessResult gradus_program(const Words& words, const std::string& input = "") {
    Words command = {GRADUS_BINARY_DIR "/bin/gradus-gpt"};
    command.insert(command.end(), words.begin(), words.end());
    ProcessOptions options;
    options.input = input;
    return run_to_end(command, options);
}

std::string refused(const Words& words) {
    const ProcessResult result = gradus_program(words);
    CHECK(result.code == 2);
    CHECK(result.out.empty());
    CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 1);
    return result.err;
}

// A run on merges of a small text, exported in every way; made once.
struct Exported {
    TemporaryFolder folder;
    std::string text = folder.file("text"), run = folder.file("run"), hf = folder.file("run-hf"),
                gguf = folder.file("run.gguf");

    Exported() {
        std::string all;
        for (int i = 0; i < 600; ++i)
            all += "the cat sat on the mat " + std::to_string(i % 7) + ". ";
        write_file(text, all);
        const Words command = {"gpt", "--data",    text, "--tokenizer", "bpe:20", "--out",
                               run,   "--layers",  "2",  "--heads",     "2",      "--width",
                               "32",  "--context", "16", "--batch",     "4",      "--steps",
                               "40",  "--threads", "1"};
        REQUIRE(gradus_program(command).code == 0);
        for (const char* to : {"hf", "gguf"}) {
            const ProcessResult result = gradus_program({"export", run, "--to", to});
            CHECK(result.err.empty());
            REQUIRE(result.code == 0);
        }
    }
    std::size_t vocabulary() const { return logits(run).size(); }
    static double difference(const std::vector<double>& a, const std::vector<double>& b) {
        REQUIRE(a.size() == b.size());
        double worst = 0;
        for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
        return worst;
    }
    // The logits after these tokens.
    static std::vector<double> logits(const std::string& model) {
        const ProcessResult result = gradus_program({"logits", model, "--ids", "1 262 263, 9"});
        CHECK(result.err.empty());
        const auto json = nlohmann::json::parse(result.out);
        CHECK(json["model"] == model);
        CHECK(json["ids"] == nlohmann::json({1, 262, 263, 9}));
        return json["logits"];
    }
};

const Exported& exported() {
    static const Exported all;
    return all;
}

}  // namespace

TEST_CASE("an exported model predicts the same, in a folder and in GGUF") {
    const Exported& e = exported();
    const std::vector<double> ours = Exported::logits(e.run);
    CHECK(ours.size() > 256);
    CHECK(Exported::logits(e.hf) == ours);
    CHECK(Exported::difference(Exported::logits(e.gguf), ours) < 1e-5);  // its matrices lie turned
    const Words prompt = {"--prompt", "the cat", "--temperature", "0", "--tokens", "12"};
    const auto sample = [&](const std::string& model) {
        Words words = {"sample", model};
        words.insert(words.end(), prompt.begin(), prompt.end());
        return gradus_program(words).out;
    };
    CHECK(sample(e.run).starts_with("the cat"));
    CHECK(sample(e.hf) == sample(e.run));
    CHECK(sample(e.gguf) == sample(e.run));
    const ProcessResult chat = gradus_program({"chat", e.gguf, "--tokens", "5"}, "the\n\n");
    CHECK(chat.code == 0);
    CHECK(contains(chat.out, "the model continues it.\n"));
    const ProcessResult look = gradus_program({"look", e.hf, "--prompt", "the cat"});
    CHECK(look.code == 0);
    CHECK(contains(look.out, "2 layers, 2 heads, gpt2 in safetensors"));
    CHECK(contains(look.out, "\n-"));  // the first has no surprisal
}

TEST_CASE("what is nearly right gets a hint") {
    const Exported& e = exported();
    const std::string renamed = e.folder.file("renamed.bin"), cut = e.folder.file("cut.gguf");
    std::filesystem::copy_file(e.gguf, renamed);
    write_file(cut, read_file(e.gguf).substr(0, 1000));
    CHECK(contains(refused({"chat", renamed}), "begins with the word GGUF: rename it"));
    CHECK(contains(refused({"chat", cut}), "cut short?"));
    for (const std::string& folder : {e.run, e.hf})
        CHECK(contains(refused({"look", folder + "/model.safetensors"}),
                       "model.safetensors: is a part of a model: give its folder, " + folder));
    const ProcessResult compared = gradus_program({"compare", e.run, e.hf, e.gguf});
    CHECK(compared.code == 2);
    CHECK(contains(compared.err, "gradus: left out " + e.hf + ": not a run\n"));
    CHECK(contains(compared.err, "compare: 1 run, must be at least 2"));
    CHECK(contains(refused({"gpt", "--resume", e.hf}), e.hf + ": is a published model, not a run"));
    CHECK(contains(refused({"gpt", e.text}), "did you mean --data " + e.text + "?"));
    CHECK(contains(refused({"sample", e.run, "--prompt", "the", "cat"}),
                   "cat is not known; did you mean chat? (a text of several words needs quotation "
                   "marks"));
    CHECK(contains(refused({"gpt", "--data", e.gguf}), "(the tokenizer bytes takes any file)"));
    const std::string runs = std::filesystem::path(e.run).parent_path().string();
    for (const Words& words : {Words{"chat", runs}, Words{"export", runs, "--to", "hf"}})
        CHECK(contains(refused(words), runs + ": holds no model itself: runs are in " + e.run));
    CHECK(contains(refused({"gpt", "--resume", runs}),
                   runs + "/run.json: cannot read: no such file (runs are in " + e.run));
    CHECK(
        contains(refused({"gpt", "--resume", e.text}), e.text + ": is a file, not a run's folder"));
    CHECK(contains(refused({"export", e.run, "--to", "gguf", "--out", "x.txt"}),
                   "export: --out x.txt, must be a file that ends in .gguf for --to gguf"));
    CHECK(contains(refused({"export", e.run, "--to", "hf", "--out", "x.npz"}),
                   "export: --out x.npz, must be a folder for --to hf"));
}

TEST_CASE("quantised exports are smaller, and say what they are") {
    const Exported& e = exported();
    const std::vector<double> exact = Exported::logits(e.run);
    for (const char* format : {"f16", "q8_0", "q4_0"}) {
        const std::string path = e.folder.file(std::string(format) + ".gguf");
        const ProcessResult result =
            gradus_program({"export", e.run, "--to", "gguf", "--format", format, "--out", path});
        CHECK(result.code == 0);
        CHECK(contains(result.out, "llama-cli -m "));
        CHECK(std::filesystem::file_size(path) < std::filesystem::file_size(e.gguf));
        const std::vector<double> rounded = Exported::logits(path);
        const double worst = Exported::difference(exact, rounded);
        CHECK(worst > 1e-5);
        CHECK(worst < 1);
    }
    CHECK(contains(
        refused({"export", e.run, "--to", "hf", "--format", "q8_0", "--out", e.folder.file("no")}),
        "--to hf has the formats f32, f16 and bf16, not q8_0"));
    CHECK(contains(refused({"export", e.run, "--to", "hf"}), "run-hf: is not empty"));
    CHECK(contains(refused({"export", e.run, "--to", "gguf", "--format", "q2"}),
                   "--format q2 is not known"));
}

TEST_CASE("a trained model is trained further on other text, resumed, and exported (2 s)") {
    const Exported& e = exported();
    const std::string text = e.folder.file("other");
    const auto tuned = [&](const std::string& init) {
        return e.folder.file("tuned-" + std::filesystem::path(init).stem().string() +
                             std::to_string(init.size()));
    };
    std::string all;
    for (int i = 0; i < 300; ++i) all += "the dog sat on the log, the cat did not. ";
    write_file(text, all);
    for (const std::string& init : {e.run, e.hf, e.gguf}) {
        const ProcessResult result =
            gradus_program({"gpt", "--init", init, "--data", text, "--steps", "30", "--lr", "0.003",
                            "--out", tuned(init), "--threads", "1"});
        CHECK(result.err.empty());
        CHECK(result.code == 0);
    }
    // The same start, so the same end.
    CHECK(read_file(tuned(e.run) + "/model.safetensors") ==
          read_file(tuned(e.gguf) + "/model.safetensors"));
    CHECK(read_file(tuned(e.run) + "/model.safetensors") ==
          read_file(tuned(e.hf) + "/model.safetensors"));
    CHECK(read_file(tuned(e.run) + "/model.safetensors") !=
          read_file(e.run + "/model.safetensors"));
    CHECK(gradus_program({"gpt", "--resume", tuned(e.run), "--steps", "35"}).code == 0);
    CHECK(gradus_program({"export", tuned(e.run), "--to", "gguf"}).code == 0);
    CHECK(gradus_program({"sample", tuned(e.run), "--tokens", "5"}).code == 0);
}

TEST_CASE("--window with --init is that of training, also for a Llama, whose attention has one") {
    const Exported& e = exported();
    const TrainedText run = load_trained(e.run, WeightUse::mapped);
    const TextModel llama(LlamaConfig{.layers = 1,
                                      .heads = 2,
                                      .kv_heads = 2,
                                      .width = 16,
                                      .hidden = 32,
                                      .context = 16,
                                      .vocabulary = run.words().size()},
                          Initialiser(1));
    const std::string folder = e.folder.file("llama"), out = e.folder.file("tuned");
    export_hf({.model = llama, .tokenizer = &run.words()}, folder, WeightFormat::f32);
    const ProcessResult result =
        gradus_program({"gpt", "--init", folder, "--data", e.text, "--window", "8", "--steps", "2",
                        "--threads", "1", "--no-chat", "--out", out});
    CHECK(result.err.empty());
    CHECK(result.code == 0);
    const TextRun tuned = load_text_run(out);
    CHECK(tuned.window == 8);
    CHECK(std::get<LlamaConfig>(tuned.model).window == 0);
}

TEST_CASE("what does not go with --init is said before anything is read or written") {
    const Exported& e = exported();
    const Words start = {"gpt", "--init", e.run, "--data", e.text};
    const auto with = [&](const Words& more) {
        Words words = start;
        words.insert(words.end(), more.begin(), more.end());
        return refused(words);
    };
    CHECK(contains(with({"--layers", "3"}),
                   "--layers does not go with --init, which brings a model as it is"));
    CHECK(contains(with({"--tokenizer", "bytes"}),
                   "--tokenizer does not go with --init, which brings its own"));
    CHECK(contains(with({"--window", "17"}), "--window 17, must be 0 to 16, the model's context"));
    CHECK(contains(with({"--preset", "quik"}), "did you mean quick?"));
    CHECK(contains(with({"--preset", "micro"}),
                   "--preset micro makes a model of its own, --init brings one"));
    CHECK(contains(refused({"gpt", "--preset", "finetune", "--data", e.text}),
                   "--preset finetune needs a trained model: --init DIR"));
    CHECK(contains(refused({"gpt", "--init", e.run}),
                   "gpt: --init needs --data, what to train the model further on"));
    CHECK(contains(refused({"gpt", "--init", e.folder.file("none"), "--data", e.text}),
                   e.folder.file("none")));
}

TEST_CASE("a tokenizer from elsewhere is used as it is") {
    const Exported& e = exported();
    const std::string out = e.folder.file("shared");
    const ProcessResult result = gradus_program(
        {"gpt",      "--data",  e.text,    "--tokenizer", e.hf,      "--out",     out,
         "--layers", "1",       "--heads", "2",           "--width", "16",        "--context",
         "16",       "--batch", "4",       "--steps",     "5",       "--threads", "1"});
    CHECK(result.code == 0);
    CHECK(contains(result.out, fmt::format("vocabulary={}", e.vocabulary())));
    CHECK(contains(read_file(out + "/report.html"), "--tokenizer " + e.hf));
    const auto vocabulary = nlohmann::json::parse(read_file(out + "/run.json"))["vocabulary"];
    CHECK(vocabulary["merges"] ==
          nlohmann::json::parse(read_file(e.run + "/run.json"))["vocabulary"]["merges"]);
}

TEST_CASE("logits are refused for tokens that there are none of") {
    const Exported& e = exported();
    const std::size_t V = e.vocabulary();
    CHECK(contains(
        refused({"logits", e.run, "--ids", fmt::format("1 {}", V)}),
        fmt::format("logits: --ids: \"{}\" is not the id of a token, from 0 to {}", V, V - 1)));
    CHECK(contains(refused({"logits", e.run, "--ids", "1 x"}), "--ids: \"x\" is not the id"));
    CHECK(
        contains(refused({"logits", e.run, "--ids", " , "}), "logits: no tokens in --ids \" , \""));
    // Without anything it reads what a fresh text begins with.
    const ProcessResult fresh = gradus_program({"logits", e.hf});
    CHECK(fresh.code == 0);
    CHECK(nlohmann::json::parse(fresh.out)["ids"].size() == 1);
    const std::string bare = e.folder.file("bare");
    std::filesystem::create_directory(bare);
    for (const char* name : {"/config.json", "/model.safetensors"})
        std::filesystem::copy_file(e.hf + name, bare + name);
    CHECK(gradus_program({"logits", bare}).code == 0);
    CHECK(contains(refused({"logits", bare, "--prompt", "the"}),
                   bare + ": has no tokenizer: give the tokens, as in --ids"));
    CHECK(contains(refused({"logits", e.run, "--ids",
                            std::string(60, '1')
                                .replace(1, 58, 58, ' ')
                                .append(" 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")}),
                   "logits: 17 tokens, more than the context of 16"));
    const ProcessResult all = gradus_program({"logits", e.run, "--prompt", "the cat", "--all"});
    const auto json = nlohmann::json::parse(all.out);
    CHECK(json["logits"].size() == json["ids"].size());
    CHECK(json["logits"][0].size() == V);
}

TEST_CASE("a model whose tokens are characters goes to a folder, and not to GGUF") {
    const TemporaryFolder folder;
    const std::string run = folder.file("run");
    REQUIRE(
        gradus_program({"gpt", "--preset", "micro", "--steps", "2", "--out", run, "--threads", "1"})
            .code == 0);
    CHECK(contains(refused({"export", run, "--to", "gguf"}),
                   "llama.cpp has no tokenizer whose tokens are the characters of a text"));
    CHECK(gradus_program({"export", run, "--to", "hf"}).code == 0);
    CHECK(gradus_program({"export", run, "--to", "npz"}).code == 0);
    CHECK(gradus_program({"sample", run, "--prompt", "Mia", "--temperature", "0", "--tokens", "9"})
              .out.starts_with("Mia"));
    CHECK(gradus_program(
              {"sample", run + "-hf", "--prompt", "Mia", "--temperature", "0", "--tokens", "9"})
              .out.starts_with("Mia"));
}

#endif
