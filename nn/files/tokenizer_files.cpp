// SPDX-License-Identifier: MIT
#include "nn/files/tokenizer_files.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/bounded_json.h"
#include "nn/files/checked_json.h"
#include "nn/files/merges.h"
#include "nn/files/tiktoken.h"
#include "nn/files/tokenizer_json.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
    std::error_code ignored;
    return fs::is_regular_file(path, ignored);
}

// The id of a special token by its name; nothing if there is none.
std::optional<int> special(const Tokenizer& tokenizer, const std::string& name) {
    if (!name.empty())
        for (int id = 0; id < tokenizer.size(); ++id)
            if (tokenizer.model().is_special(id) && tokenizer.token(id) == name) return id;
    return std::nullopt;
}

// GPT-2's one special token stands between texts, so it begins and ends them.
Tokenizer with_end_of_text(Bpe bpe) {
    Tokenizer tokenizer = Tokenizer::bpe(std::move(bpe));
    const auto id = special(tokenizer, "<|endoftext|>");
    tokenizer.set_bos_eos(id, id);
    return tokenizer;
}

Tokenizer with_config(Tokenizer tokenizer, const fs::path& config) {
    if (!is_file(config)) return tokenizer;
    const nlohmann::json json = read_bounded_json(config.string());
    const auto id_of = [&](const char* key) -> std::optional<int> {  // "<s>" or {"content": "<s>"}
        if (!json.is_object() || !json.contains(key)) return std::nullopt;
        const nlohmann::json& token = json[key];
        const nlohmann::json name =
            token.is_object() ? token.value("content", nlohmann::json()) : token;
        return name.is_string() ? special(tokenizer, name.get<std::string>()) : std::nullopt;
    };
    const auto bos = id_of("bos_token"), eos = id_of("eos_token");
    tokenizer.set_bos_eos(bos, eos);
    return tokenizer;
}

Tokenizer from_json_file(const fs::path& path) {
    const std::string name = path.string(), text = read_file(name);
    const nlohmann::json json = parse_bounded_json(text, name);
    if (json.is_object() && json.contains("vocabulary")) {
        try {
            return Tokenizer::from_json(parse_checked_json(text)["vocabulary"]);
        } catch (const std::invalid_argument& error) {
            throw FileError(name, error.what());
        }
    }
    if (json.is_object() && json.contains("model"))
        return with_config(tokenizer_from_file_json(json, name),
                           path.parent_path() / "tokenizer_config.json");
    throw FileError(name,
                    "neither a tokenizer.json nor a run.json (of a vocab.json, give the merges.txt "
                    "beside it)");
}

Tokenizer from_merges(const fs::path& path) {
    for (const char* name : {"vocab.json", "encoder.json"})
        if (const fs::path vocabulary = path.parent_path() / name; is_file(vocabulary))
            return with_end_of_text(load_merges(path.string(), vocabulary.string()));
    return with_end_of_text(load_merges(path.string()));
}

Tokenizer from_file(const fs::path& path) {
    if (path.extension() == ".json") return from_json_file(path);
    if (path.extension() == ".tiktoken") return with_end_of_text(load_tiktoken(path.string()));
    if (path.extension() == ".txt" || path.extension() == ".bpe") return from_merges(path);
    throw FileError(
        path.string(),
        "a tokenizer's file ends in .json, .tiktoken, .txt or .bpe (or give the folder)");
}

}  // namespace

Tokenizer load_tokenizer(const std::string& path) {
    std::error_code ignored;
    if (!fs::is_directory(path, ignored)) return from_file(path);
    std::vector<fs::path> candidates = {fs::path(path) / "run.json",
                                        fs::path(path) / "tokenizer.json"};
    for (const char* name : {"cl100k_base", "p50k_base", "r50k_base"})
        candidates.push_back(fs::path(path) / (std::string(name) + ".tiktoken"));
    for (const char* name : {"merges.txt", "vocab.bpe"})
        candidates.push_back(fs::path(path) / name);
    for (const fs::path& file : candidates)
        if (is_file(file)) return from_file(file);
    throw FileError(path,
                    "this folder has no tokenizer: no run.json, tokenizer.json, "
                    "merges.txt, vocab.bpe, or cl100k_base.tiktoken");
}

}  // namespace gradus
