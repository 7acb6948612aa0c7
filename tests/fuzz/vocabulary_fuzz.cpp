// SPDX-License-Identifier: MIT
// Vocabularies in BERT's vocab.txt, llama2.c's tokenizer.bin and tokenizer.json.
#include <nlohmann/json.hpp>

#include "nn/files/tokenizers/piece_files.h"
#include "nn/files/tokenizers/piece_json.h"
#include "tests/fuzz/fuzz.h"
#include "tests/nn/tokenizers/small_pieces.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

void read_json(std::string_view bytes) {
    const auto json = nlohmann::json::parse(bytes, nullptr, false);
    if (json.is_discarded()) return;
    const auto type = json.is_object() && json.contains("model") && json["model"].is_object()
                          ? json["model"].value("type", nlohmann::json())
                          : nlohmann::json();
    constexpr std::string_view kText = "the a  ab été 中\xFF<s>";
    if (type == "Unigram")
        ids_of(unigram_from_json(json, "tokenizer.json"), kText);
    else if (type == "WordPiece")
        ids_of(wordpiece_from_json(json, "tokenizer.json"), kText);
    else
        ids_of(sentencepiece_from_json(json, "tokenizer.json"), kText);
}

const fuzz::Reader reader(
    "vocabulary",
    [](std::string_view bytes) {
        if (bytes.starts_with('{')) return read_json(bytes);
        const std::string path = fuzz::file("vocabulary", bytes);
        if (bytes.starts_with('['))
            ids_of(load_vocab_txt(path), bytes);
        else
            ids_of(load_tokenizer_bin(path, 1 + static_cast<int>(bytes.size() / 16)), bytes);
    },
    {"[UNK]\n[PAD]\nthe\n##s\nét\n",
     "\x05\0\0\0\0\0\0\0\x05\0\0\0<unk>\0\0\0\0\5\0\0\0\n<s>\n\0\0\x80\xBF\1\0\0\0 "s,
     R"({"model":{"type":"BPE","unk_token":"?","vocab":{"?":0,"a":1,"b":2,"ab":3},"merges":["a b"]},)"
     R"("normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"}})",
     R"({"model":{"type":"Unigram","unk_id":0,"vocab":[["?",0],["▁",-1],["a",-2]]},"added_tokens":)"
     R"([{"id":3,"content":"<s>","special":true}],"normalizer":{"type":"NFKC"},"pre_tokenizer":)"
     R"({"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},{"type":"Metaspace",)"
     R"("replacement":"▁"}]}})",
     R"({"model":{"type":"WordPiece","unk_token":"?","vocab":{"?":0,"the":1,"##a":2}},"normalizer":)"
     R"({"type":"BertNormalizer"},"pre_tokenizer":{"type":"BertPreTokenizer"}})"});

}  // namespace
