// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/piece_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/tokenizers/normaliser_json.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/tokenizers/small_charsmap.h"
#include "tests/nn/tokenizers/small_pieces.h"
#include "tests/text.h"

using namespace gradus;
using Json = nlohmann::json;

namespace {

// Llama 2's way of writing it, with the small vocabulary.
Json llama() {
    Json file = Json::parse(R"({
        "added_tokens": [{"id": 0, "content": "<unk>", "special": true},
                         {"id": 1, "content": "<s>", "special": true},
                         {"id": 2, "content": "</s>", "special": true},
                         {"id": 3, "content": "<mask>", "special": false}],
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Prepend", "prepend": "▁"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}]},
        "pre_tokenizer": null,
        "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true,
                  "merges": ["▁ t", ["h", "e"], "▁t he", "i n", "in g"]}})");
    int id = 0;
    for (const Piece& piece : small_pieces(SmallPieces::bytes))
        file["model"]["vocab"][piece.text] = id++;
    return file;
}

Json unigram() {
    Json file = Json::parse(R"({
        "added_tokens": [{"id": 1, "content": "<s>", "special": true},
                         {"id": 30, "content": "<new>", "special": true}],
        "normalizer": null,
        "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"},
        "model": {"type": "Unigram", "unk_id": 0, "vocab": []}})");
    for (const Piece& piece : small_pieces())
        file["model"]["vocab"].push_back({piece.text, piece.score});
    return file;
}

Json wordpiece() {
    return Json::parse(R"({
        "added_tokens": [{"id": 1, "content": "[CLS]", "special": true},
                         {"id": 0, "content": "[UNK]", "special": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100,
                  "vocab": {"[UNK]": 0, "[CLS]": 1, "the": 2, "##s": 3, "ete": 4, "The": 5}}})");
}

using Ids = std::vector<int>;

std::string refusal(const std::function<void()>& read) {
    const std::string error = file_error(read);
    return error.empty() ? error : error.substr(std::string("file: ").size());
}
std::string bpe_error(const Json& json) {
    return refusal([&] { sentencepiece_from_json(json, "file"); });
}
std::string unigram_error(const Json& json) {
    return refusal([&] { unigram_from_json(json, "file"); });
}
std::string wordpiece_error(const Json& json) {
    return refusal([&] { wordpiece_from_json(json, "file"); });
}

// The file with one value changed; a pointer like "/model/unk_id".
Json with(Json json, const std::string& pointer, const Json& value) {
    json[Json::json_pointer(pointer)] = value;
    return json;
}

}  // namespace

TEST_CASE("BPE with spaces as U+2581 merges the listed pairs, and falls back to bytes") {
    const SentencePiece model = sentencepiece_from_json(llama(), "file");
    CHECK(model.size() == 286);
    CHECK(ids_of(model, "the thing") == Ids{6, 4, 19, 9});
    CHECK(ids_of(model, "then and") == Ids{6, 21, 17, 24, 21, 25});  // no merge makes "nd"
    CHECK(ids_of(model, "x<mask>") == Ids{17, 30 + 'x', 3});
    for (const int id : ids_of(model, "<s></s><unk>")) CHECK_FALSE(model.is_special(id));
    CHECK(model.decode(ids_of(model, "  the\n<s> x ")) == "  the\n<s> x ");
    CHECK(model.is_special(1));
    CHECK_FALSE(model.is_special(3));
}

TEST_CASE("BPE without bytes has an unknown token, joined if the file says so") {
    Json json = with(llama(), "/model/byte_fallback", false);
    CHECK(ids_of(sentencepiece_from_json(json, "file"), "xyz") == Ids{17, 0});
    json["model"].erase("fuse_unk");
    CHECK(ids_of(sentencepiece_from_json(json, "file"), "xyz") == Ids{17, 0, 0, 0});
    // Only "<0x0A>" with two large digits names a byte, here as in the library tokenizers.
    for (const char* text : {"<0x0a>", "<0x0G>", "<0x0>", "<0x00A>", "0x0A"})
        CHECK_FALSE(byte_of_name(text));
    CHECK(byte_of_name("<0x0A>") == 10);
    CHECK(byte_of_name("<0xFF>") == 255);
    // Now it is a token like any other.
    CHECK(sentencepiece_from_json(json, "file").token(40) == "<0x0A>");
}

TEST_CASE("unigram models take their spaces from Metaspace") {
    CHECK(ids_of(unigram_from_json(unigram(), "file"), "the thing") == Ids{6, 4, 19, 9});
    CHECK(ids_of(unigram_from_json(unigram(), "file"), " the") == Ids{6});  // there already
    CHECK(unigram_from_json(unigram(), "file").size() == 31);
    CHECK(unigram_from_json(unigram(), "file").is_special(30));
    // The double space is a piece, but Metaspace splits before each.
    CHECK(ids_of(unigram_from_json(unigram(), "file"), "a  中") == Ids{10, 17, 17, 29});
    const Json whole = with(unigram(), "/pre_tokenizer/split", false);
    CHECK(ids_of(unigram_from_json(whole, "file"), "a  中") == Ids{10, 16, 29});
    const Json never = with(unigram(), "/pre_tokenizer/prepend_scheme", "never");
    CHECK(ids_of(unigram_from_json(never, "file"), "the") == Ids{14});
    Json old = unigram();
    old["pre_tokenizer"].erase("prepend_scheme");
    CHECK(ids_of(unigram_from_json(old, "file"), "the") == Ids{6});
    old["pre_tokenizer"]["add_prefix_space"] = false;
    CHECK(ids_of(unigram_from_json(old, "file"), "the") == Ids{14});
    const Json words =
        with(unigram(), "/pre_tokenizer",
             Json{{"type", "Sequence"},
                  {"pretokenizers", {{{"type", "WhitespaceSplit"}}, unigram()["pre_tokenizer"]}}});
    CHECK(ids_of(unigram_from_json(words, "file"), "\t the \u3000 a\n") == Ids{6, 10});
}

TEST_CASE("WordPiece takes its options from BertNormalizer") {
    const WordPiece model = wordpiece_from_json(wordpiece(), "file");
    CHECK(ids_of(model, "Thes été [CLS]") == Ids{2, 3, 4, 0, 0, 0});
    CHECK(model.is_special(1));
    CHECK_FALSE(model.is_special(0));
    const Json cased = with(wordpiece(), "/normalizer/lowercase", false);
    CHECK(ids_of(wordpiece_from_json(cased, "file"), "Thes été") == Ids{5, 3, 0});
    const Json accents = with(cased, "/normalizer/strip_accents", true);
    CHECK(ids_of(wordpiece_from_json(accents, "file"), "été") == Ids{4});
    const Json plain = with(wordpiece(), "/normalizer", nullptr);
    CHECK(ids_of(wordpiece_from_json(plain, "file"), "The the\x01") == Ids{5, 0});
    const Json marked = with(wordpiece(), "/model/continuing_subword_prefix", "t");
    CHECK(ids_of(wordpiece_from_json(marked, "file"), "thethe") == Ids{0});
    const Json brief = with(wordpiece(), "/model/max_input_chars_per_word", 2);
    CHECK(ids_of(wordpiece_from_json(brief, "file"), "the") == Ids{0});
}

TEST_CASE("a normalizer is a chain of steps") {
    const auto apply = [](const char* json, std::string_view text) {
        return normaliser_from_json(Json::parse(json), "file")(text);
    };
    CHECK_FALSE(normaliser_from_json(nullptr, "file"));
    CHECK(apply(R"({"type": "NFC"})", "e\u0301") == "é");
    CHECK(apply(R"({"type": "NFD"})", "é") == "e\u0301");
    CHECK(apply(R"({"type": "NFKC"})", "ﬁ") == "fi");
    CHECK(apply(R"({"type": "NFKD"})", "ﬁé") == "fie\u0301");
    CHECK(apply(R"({"type": "Strip", "strip_left": false})", " a\t\u3000") == " a");
    CHECK(apply(R"({"type": "Strip"})", " a ") == "a");
    CHECK(apply(R"({"type": "Replace", "pattern": {"String": "``"}, "content": "\""})", "``a```") ==
          "\"a\"`");
    CHECK(apply(R"({"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "▁"})",
                "a b  c   ") == "a b▁c▁");
    CHECK(apply(R"({"type": "Sequence", "normalizers": [{"type": "NFKD"}, {"type": "StripAccents"},
                    {"type": "Lowercase"}]})",
                "ÉÀﬁ") == "eafi");
    Json precompiled = {{"type", "Precompiled"}, {"precompiled_charsmap", nullptr}};
    CHECK_FALSE(normaliser_from_json(precompiled, "file"));
    precompiled["precompiled_charsmap"] = "x!";
    CHECK(refusal([&] { normaliser_from_json(precompiled, "file"); }) ==
          "normalizer.precompiled_charsmap: is not base64");
    precompiled["precompiled_charsmap"] = "AAAA";
    CHECK(refusal([&] { normaliser_from_json(precompiled, "file"); }) ==
          "normalizer.precompiled_charsmap: charsmap: 3 bytes, but its size alone takes 4");
    CHECK(refusal([&] {
              normaliser_from_json(Json{{"type", "Nmt\n"}}, "file");
          }) == "normalizer.type: \"Nmt\\n\" is not supported here");
    Json many = {{"type", "Sequence"}, {"normalizers", Json::array()}};
    for (int i = 0; i < 65; ++i) many["normalizers"].push_back({{"type", "NFC"}});
    CHECK(refusal([&] { normaliser_from_json(many, "file"); }) ==
          "normalizer.normalizers: more than 64 steps");
    CHECK(refusal([&] { normaliser_from_json("NFC", "file"); }) ==
          "normalizer is \"NFC\", must be an object");
}

TEST_CASE("Precompiled holds a charsmap in base64") {
    constexpr std::string_view kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (const char* replacement : {"a", "ab", "abc"}) {  // with every number of "=" at the end
        const std::string blob = charsmap_blob({{"ﬁ", replacement}});
        std::string text;
        for (std::size_t i = 0; i < blob.size(); i += 3) {
            std::uint32_t bits = 0;
            for (std::size_t j = 0; j < 3; ++j)
                bits =
                    bits << 8 | (i + j < blob.size() ? static_cast<unsigned char>(blob[i + j]) : 0);
            for (std::size_t j = 0; j < 4; ++j)
                text += i + j <= blob.size() ? kDigits[bits >> (18 - 6 * j) & 63] : '=';
        }
        const Json json = {{"type", "Precompiled"}, {"precompiled_charsmap", text}};
        CHECK(normaliser_from_json(json, "file")("xﬁx") == "x" + std::string(replacement) + "x");
    }
}

TEST_CASE("what is unsound or not supported is refused with the name of the field") {
    CHECK(bpe_error(Json::array()) == "the file is a list, must be an object");
    CHECK(bpe_error(Json::object()) == "model is missing or null, must be an object");
    CHECK(bpe_error(with(llama(), "/model/dropout", 0.1)) == "model.dropout: is not supported");
    CHECK(bpe_error(with(llama(), "/model/dropout", 0.0)) == "");
    CHECK(bpe_error(with(llama(), "/model/end_of_word_suffix", "</w>")) ==
          "model.end_of_word_suffix: is not supported");
    CHECK(bpe_error(with(llama(), "/model/ignore_merges", true)) ==
          "model.ignore_merges: is not supported");
    CHECK(bpe_error(with(llama(), "/model/byte_fallback", "yes")) ==
          "model.byte_fallback is \"yes\", must be true or false");
    CHECK(bpe_error(with(llama(), "/model/vocab/the", 286)) ==
          "model.vocab: the id of \"the\" is 286; must be from 0 to 285, and each of them once");
    CHECK(bpe_error(with(llama(), "/model/vocab/the", -1)) ==
          "model.vocab: the id of \"the\" is -1; must be from 0 to 285, and each of them once");
    CHECK(contains(bpe_error(with(llama(), "/model/vocab/the", 3)), "is 3; must be from 0 to 285"));
    CHECK(bpe_error(with(llama(), "/model/vocab", Json::array())) ==
          "model.vocab: must be an object");
    CHECK(bpe_error(with(llama(), "/model/merges", 1)) == "model.merges is 1, must be a list");
    CHECK(bpe_error(with(llama(), "/model/merges/1", "h")) ==
          "model.merges: entry 1, \"h\", is not a pair of tokens");
    CHECK(bpe_error(with(llama(), "/model/merges/1", {"h", 1})) ==
          "model.merges: entry 1, a list, is not a pair of tokens");
    CHECK(contains(bpe_error(with(llama(), "/model/merges/1", "h q")),
                   "names a token, or makes one, that is not in the vocabulary"));
    CHECK(bpe_error(with(llama(), "/model/merges/3", "h e")) ==
          "sentencepiece: merge 3 joins \"h\" and \"e\" again");
    CHECK(
        bpe_error(with(llama(), "/added_tokens/3/id", 4)) ==
        "added_tokens.id: that of \"<mask>\" is 4, which is not the next one, and not that of the "
        "same token in the vocabulary");
    CHECK(bpe_error(with(llama(), "/added_tokens/3/id", 1e9)) ==
          "added_tokens.id is 1000000000.0, must be a whole number from 0 to 16777215");
    CHECK(bpe_error(with(llama(), "/added_tokens/3", "<mask>")) ==
          "added_tokens is \"<mask>\", must be an object");
    CHECK(
        bpe_error(with(llama(), "/normalizer", nullptr)) ==
        "pre_tokenizer: neither Metaspace nor a normalizer that writes \"▁\" for spaces: is this a "
        "vocabulary of another kind?");
    CHECK(bpe_error(with(llama(), "/normalizer/normalizers/2", {{"type", "NFC"}})) ==
          "normalizer.normalizers.type: must come before the steps that write \"▁\" for spaces");
    CHECK(bpe_error(with(llama(), "/normalizer/normalizers/0/prepend", "_")) ==
          "normalizer.normalizers.prepend: must be \"▁\"");
    CHECK(bpe_error(with(llama(), "/pre_tokenizer", {{"type", "ByteLevel"}})) ==
          "pre_tokenizer.type: \"ByteLevel\" is not supported here");
    CHECK(unigram_error(with(unigram(), "/model/unk_id", 30)) ==
          "model.unk_id: 30, but there are 30 pieces");
    CHECK(unigram_error(with(unigram(), "/model/unk_id", nullptr)) ==
          "pieces: there is neither a piece of type unknown nor one for each byte, so most text "
          "would have no tokens");
    CHECK(unigram_error(with(unigram(), "/model/vocab/7", {"in"})) ==
          "model.vocab: entry 7 is not [string, number]");
    CHECK(unigram_error(with(unigram(), "/pre_tokenizer/replacement", "_")) ==
          "pre_tokenizer.replacement: must be \"▁\"");
    CHECK(unigram_error(with(unigram(), "/pre_tokenizer/prepend_scheme", "often")) ==
          "pre_tokenizer.prepend_scheme: \"often\" is not supported");
    CHECK(unigram_error(with(unigram(), "/pre_tokenizer", {{"type", "WhitespaceSplit"}})) ==
          "pre_tokenizer: WhitespaceSplit without Metaspace");
    CHECK(unigram_error(with(unigram(), "/normalizer",
                             Json::parse(R"({"type": "Replace", "pattern": {"Regex": "a+"},
                                             "content": ""})"))) ==
          "normalizer.pattern.Regex: \"a+\" is not supported, only \" {2,}\" is");
    CHECK(wordpiece_error(with(wordpiece(), "/normalizer/type", "NFC")) ==
          "normalizer.type: \"NFC\" is not supported here");
    CHECK(wordpiece_error(with(wordpiece(), "/pre_tokenizer", nullptr)) ==
          "pre_tokenizer is missing or null, must be an object");
    CHECK(wordpiece_error(with(wordpiece(), "/model/unk_token", "?")) ==
          "wordpiece: there is no token \"?\"");
}

TEST_CASE("a file with one value replaced by another type is refused or read (1 s: 2000 files)") {
    int refused = 0;
    const auto try_all = [&](const Json& good, const std::function<void(const Json&)>& read) {
        const Json flat = good.flatten();
        for (const auto& [pointer, old] : flat.items()) {
            if (pointer.find("<0x") != pointer.npos) continue;  // 256 of a kind
            for (const Json& other : {Json(nullptr), Json(-1), Json(1e300), Json("\x1B\n"),
                                      Json(true), Json::array(), Json::object()}) {
                try {
                    read(with(good, pointer, other));
                } catch (const FileError&) {
                    ++refused;
                }
            }
        }
    };
    try_all(llama(), [](const Json& json) { sentencepiece_from_json(json, "file"); });
    try_all(unigram(), [](const Json& json) { unigram_from_json(json, "file"); });
    try_all(wordpiece(), [](const Json& json) { wordpiece_from_json(json, "file"); });
    CHECK(refused > 500);
}
