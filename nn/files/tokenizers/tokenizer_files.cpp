// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/tokenizer_files.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/bounded_json.h"
#include "nn/files/checked_json.h"
#include "nn/files/mapped_file.h"
#include "nn/files/tokenizers/gguf_tokenizer.h"
#include "nn/files/tokenizers/merges.h"
#include "nn/files/tokenizers/piece_files.h"
#include "nn/files/tokenizers/run_vocabulary.h"
#include "nn/files/tokenizers/sentencepiece_file.h"
#include "nn/files/tokenizers/tiktoken.h"
#include "nn/files/tokenizers/tokenizer_json.h"
#include "nn/files/weights/gguf_header.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

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

// GPT-2's one special token ends texts.
Tokenizer with_end_of_text(Bpe bpe) {
    Tokenizer tokenizer = Tokenizer::bpe(std::move(bpe));
    tokenizer.set_bos_eos({}, special(tokenizer, "<|endoftext|>"));
    return tokenizer;
}

std::string text_at(const Json& object, const char* key) {
    if (!object.is_object() || !object.contains(key)) return "";
    const Json& value = object[key];
    return value.is_string()   ? value.get<std::string>()
           : value.is_object() ? text_at(value, "content")  // {"content": "<s>", ...}
                               : "";
}

// The token that tokenizer.json's post_processor puts before every text; none if it does not.
std::optional<int> first_token(const Json& processor, const Tokenizer& tokenizer) {
    if (!processor.is_object()) return {};
    for (const Json& part : processor.value("processors", Json::array()))
        if (const auto id = first_token(part, tokenizer)) return id;
    const Json single = processor.value("single", Json());
    if (!single.is_array() || single.empty() || !single[0].is_object()) return {};
    const std::string name = text_at(single[0].value("SpecialToken", Json()), "id");
    const Json known = processor.value("special_tokens", Json());
    const Json entry = known.is_object() ? known.value(name, Json()) : Json();
    const Json ids = entry.is_object() ? entry.value("ids", Json()) : Json();
    if (ids.is_array() && ids.size() == 1 && ids[0].is_number_integer() && ids[0] >= 0 &&
        ids[0] < tokenizer.size())
        return ids[0].get<int>();
    return special(tokenizer, name);
}

// tokenizer_config.json names BOS and EOS. Whether BOS is put before a text, it says with add_bos_token,
// tokenizer.json with a post_processor, or the class with its usual behaviour.
Tokenizer with_config(Tokenizer tokenizer, const Json& file, const fs::path& path) {
    std::optional<int> bos = first_token(file.value("post_processor", Json()), tokenizer), eos;
    if (is_file(path)) {
        const Json config = read_bounded_json(path.string());
        const Json adds = config.is_object() ? config.value("add_bos_token", Json()) : Json();
        const bool usual = text_at(config, "tokenizer_class").starts_with("LlamaTokenizer");
        if (adds.is_boolean() ? adds.get<bool>() : usual)
            bos = special(tokenizer, text_at(config, "bos_token"));
        if (adds == false) bos = {};
        eos = special(tokenizer, text_at(config, "eos_token"));
    }
    tokenizer.set_bos_eos(bos, eos);
    return tokenizer;
}

Tokenizer from_json_file(const fs::path& path) {
    const std::string name = path.string();
    const nlohmann::json json = read_bounded_json(name);  // checks its size before it reads
    if (json.is_object() && json.contains("vocabulary")) {
        try {
            return vocabulary_from_json(parse_checked_json(read_file(name))["vocabulary"], name);
        } catch (const std::invalid_argument& error) {
            throw FileError(name, error.what());
        }
    }
    // A vocab.json may have the token "model", with a number.
    if (json.is_object() && json.contains("model") && !json["model"].is_number())
        return with_config(tokenizer_from_file_json(json, name), json,
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

Tokenizer from_sentencepiece(const fs::path& path) {
    const SentencePieceFile file = load_sentencepiece(path.string());
    Tokenizer tokenizer(file.model, "sentencepiece");
    tokenizer.set_bos_eos(file.bos, file.eos);
    return tokenizer;
}

Tokenizer from_gguf(const fs::path& path) {
    const MappedFile file(path.string());
    auto tokenizer = read_gguf_tokenizer(read_gguf_header(file).metadata, path.string());
    if (!tokenizer) throw FileError(path.string(), "has no tokenizer");
    return *tokenizer;
}

Tokenizer from_vocab_txt(const fs::path& path) {
    return {std::make_shared<WordPiece>(load_vocab_txt(path.string())), "wordpiece"};
}

Tokenizer from_file(const fs::path& path) {
    if (path.extension() == ".json") return from_json_file(path);
    if (path.extension() == ".tiktoken") return with_end_of_text(load_tiktoken(path.string()));
    if (path.extension() == ".model") return from_sentencepiece(path);
    if (path.extension() == ".gguf") return from_gguf(path);
    if (path.filename() == "vocab.txt") return from_vocab_txt(path);
    if (path.extension() == ".txt" || path.extension() == ".bpe") return from_merges(path);
    throw FileError(
        path.string(),
        "a tokenizer's file ends in .json, .model, .tiktoken, .txt, .bpe or .gguf (or give "
        "the folder)");
}

// What a folder may hold, the most telling first.
std::vector<fs::path> candidates(const fs::path& folder) {
    std::vector<fs::path> list;
    for (const char* name :
         {"run.json", "tokenizer.json", "tokenizer.model", "spiece.model", "cl100k_base.tiktoken",
          "p50k_base.tiktoken", "r50k_base.tiktoken", "merges.txt", "vocab.bpe", "vocab.txt"})
        list.push_back(folder / name);
    return list;
}

}  // namespace

bool has_tokenizer(const std::string& folder) {
    const auto list = candidates(folder);
    return std::any_of(list.begin(), list.end(), is_file);
}

Tokenizer load_tokenizer(const std::string& path) {
    std::error_code ignored;
    if (!fs::exists(path, ignored)) throw FileError(path, "there is no such file or folder");
    if (!fs::is_directory(path, ignored)) return from_file(path);
    for (const fs::path& file : candidates(path))
        if (is_file(file)) return from_file(file);
    throw FileError(path,
                    "this folder has no tokenizer: no run.json, tokenizer.json, tokenizer.model, "
                    "merges.txt, vocab.bpe, vocab.txt or cl100k_base.tiktoken");
}

}  // namespace gradus
