// SPDX-License-Identifier: MIT
#include "nn/run/trained_text.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "nn/files/tokenizers/piece_files.h"
#include "nn/files/tokenizers/tokenizer_files.h"

namespace gradus {
namespace {

// The tokenizer that lies beside a published model; none if there is none.
std::optional<Tokenizer> tokenizer_beside(const std::string& path, Index vocabulary) {
    if (!path.ends_with(".bin")) {
        if (!has_tokenizer(path)) return {};
        return load_tokenizer(path);
    }
    // llama2.c's program takes the tokenizer.bin of the folder that it is started in.
    const std::string file = (std::filesystem::path(path).parent_path() / "tokenizer.bin").string();
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return {};
    Tokenizer tokenizer(
        std::make_shared<SentencePiece>(load_tokenizer_bin(file, static_cast<int>(vocabulary))),
        "sentencepiece");
    tokenizer.set_bos_eos(1, 2);
    return tokenizer;
}

}  // namespace

TrainedText trained_text(const std::string& folder, const TextRun& run, TextModel model) {
    return {.path = folder,
            .origin = "a run of this program",
            .model = std::move(model),
            .tokenizer = run.tokenizer,
            .begin = run.bos(),
            .stop = run.eos(),
            .name = run.name,
            .prompt = run.prompt,
            .run = run};
}

const Tokenizer& TrainedText::words() const {
    if (!tokenizer)
        throw FileError(path,
                        path.ends_with(".bin")
                            ? "has no tokenizer (llama2.c's tokenizer.bin belongs beside it)"
                        : path.ends_with(".gguf")
                            ? "has no tokenizer (it would be part of this file: export the model "
                              "again with one)"
                            : "has no tokenizer (tokenizer.json, tokenizer.model, or vocab.json "
                              "and merges.txt belong beside the weights)");
    return *tokenizer;
}

std::vector<int> TrainedText::opening(const std::vector<int>& ids) const {
    std::vector<int> all = begin;
    all.insert(all.end(), ids.begin(), ids.end());
    if (!all.empty()) return all;
    if (!stop.empty()) return {stop[0]};
    // After a line's end, as most texts begin; token 0 may be one that no text contains.
    Index skipped;
    const std::vector<int> line =
        tokenizer ? tokenizer->encode_known("\n", skipped) : std::vector<int>();
    return {line.size() == 1 ? line[0] : 0};
}

namespace {

// What is there, but is not a model, gets another message than a run that was not saved.
void require_model(const std::string& path) {
    std::error_code ignored;
    const bool folder = std::filesystem::is_directory(path, ignored);
    if (!std::filesystem::exists(path, ignored) || std::filesystem::exists(path + "/log.csv"))
        return;
    const std::filesystem::path file = path;
    const std::string parent = file.has_parent_path() ? file.parent_path().string() : ".";
    if (!folder && file.extension() == ".safetensors" &&
        (holds_run(parent) || is_pretrained(parent)))
        throw FileError(path, "is a part of a model: give its folder, " + parent);
    if (const std::string within = runs_within(path); !within.empty())
        throw FileError(path, "holds no model itself: " + within);
    throw FileError(folder ? path + "/run.json" : path,
                    std::string(folder ? "there is neither this nor config.json"
                                       : "is not a model that this program knows") +
                        " (a run's folder, a published one with config.json, a .gguf file, or "
                        "llama2.c's .bin)");
}

}  // namespace

TrainedText load_trained(const std::string& path, WeightUse use) {
    if (holds_run(path) || !is_pretrained(path)) {
        if (!holds_run(path)) require_model(path);
        const TextRun run = load_text_run(path);
        return trained_text(path, run, load_text_model(path, run));
    }
    Pretrained loaded = load_pretrained(path, use);
    TrainedText trained;
    trained.path = path, trained.origin = loaded.origin;
    trained.model = std::move(loaded.model);
    const Index V = trained.model.vocabulary();
    trained.tokenizer =
        path.ends_with(".gguf") ? std::move(loaded.tokenizer) : tokenizer_beside(path, V);
    if (trained.tokenizer && trained.tokenizer->size() > V)
        throw FileError(path,
                        fmt::format("its tokenizer has {} tokens, the model only {}: it belongs "
                                    "to another model",
                                    trained.tokenizer->size(), V));
    if (trained.tokenizer && trained.tokenizer->bos()) trained.begin = {*trained.tokenizer->bos()};
    if (!trained.tokenizer && loaded.bos) trained.begin = {*loaded.bos};
    trained.stop = loaded.eos;
    if (const auto eos = trained.tokenizer ? trained.tokenizer->eos() : std::nullopt;
        eos && std::find(trained.stop.begin(), trained.stop.end(), *eos) == trained.stop.end())
        trained.stop.push_back(*eos);
    trained.prompt = "The";
    return trained;
}

}  // namespace gradus
