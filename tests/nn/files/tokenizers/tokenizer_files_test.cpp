// SPDX-License-Identifier: MIT
// Which file of a folder is taken; and the ids of GPT-2, whichever of its files they come from.
#include "nn/files/tokenizers/tokenizer_files.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "nn/files/tokenizers/merges.h"
#include "nn/files/tokenizers/tokenizer_json.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;
using Json = nlohmann::json;

namespace {

using Ids = std::vector<int>;

Tokenizer trained(int merges) {
    return Tokenizer::bpe(
        Bpe(Bpe::train("the cat the cat the hat", merges).merges(), Split::gpt2, {"<s>", "</s>"}));
}

// Computed with the published files, for the texts in which tokenizers go wrong.
const std::vector<std::pair<const char*, Ids>>& gpt2_ids() {
    static const std::vector<std::pair<const char*, Ids>> list = {
        {"hello world", {31373, 995}},
        {"Hello, world!", {15496, 11, 995, 0}},
        {"hello  world", {31373, 220, 995}},
        {"a   b", {64, 220, 220, 275}},
        {"tabs\tand\nnewlines\n\n  x", {8658, 82, 197, 392, 198, 3605, 6615, 628, 220, 2124}},
        {"I'm you're THEY'RE don't", {40, 1101, 345, 821, 33302, 6, 2200, 836, 470}},
        {"abc123 4567", {39305, 10163, 4153, 3134}},
        {" 3.14159", {513, 13, 1415, 19707}},
        {"你好,世界", {19526, 254, 25001, 121, 11, 10310, 244, 45911, 234}},
        {"成语接龙", {22755, 238, 46237, 255, 162, 236, 98, 11737, 247}},
        {"机器学习 is fun", {17312, 118, 161, 247, 101, 27764, 99, 20046, 254, 318, 1257}},
        {"naïve café", {2616, 38776, 40304}},
        {"👍🏽", {41840, 235, 8582, 237, 121}},
        {"\u00A0nbsp", {1849, 77, 24145}},
        {"x\u3000y", {87, 5099, 222, 88}},
        {"    indented", {220, 220, 220, 773, 4714}},
        {"end   ", {437, 220, 220, 220}},
        {"0000000000000000", {25645}},
        {"'S", {6, 50}},
        {"½ ² Ⅷ", {23141, 1587, 110, 2343, 227, 100}},
    };
    return list;
}

std::string gpt2_folder() {
    const char* data = std::getenv("GRADUS_DATA");
    if (data && *data) return std::string(data) + "/gpt2";
    MESSAGE("GRADUS_DATA is unset or empty: a folder with gpt2/merges.txt is needed");
    return "";
}

// Whether texts come back from their ids, and none of these is the special token.
void check_random_texts(const Tokenizer& tokenizer, int special, int texts) {
    const std::vector<std::string> parts = {" ",  "  ", "\n",    "'ll", "the", "<|endoftext|>",
                                            "<|", "12", "\xE4",  "世",  "é",   "👍",
                                            "A",  "!",  "\u3000"};
    Random random(9, Stream::user);
    int wrong = 0;
    for (int round = 0; round < texts; ++round) {
        std::string text;
        for (std::uint64_t i = random.below(16); i > 0; --i)
            text += random.below(3) ? parts[random.below(parts.size())]
                                    : std::string(1, static_cast<char>(random.below(256)));
        const Ids ids = tokenizer.encode(text);
        wrong += tokenizer.decode(ids) != text ||
                 std::find(ids.begin(), ids.end(), special) != ids.end();
    }
    CHECK(wrong == 0);
}

}  // namespace

TEST_CASE("a folder's tokenizer comes from the first file that there is") {
    const TemporaryFolder folder;
    const auto load = [&] { return load_tokenizer(folder.path()); };
    CHECK(file_error(load) == folder.path() +
                                  ": this folder has no tokenizer: no run.json, tokenizer.json, "
                                  "tokenizer.model, merges.txt, vocab.bpe, vocab.txt or "
                                  "cl100k_base.tiktoken");
    CHECK_FALSE(has_tokenizer(folder.path()));
    write_file(folder.file("merges.txt"), "#version: 0.2\nh e\n");
    CHECK(load().size() == 258);
    CHECK(has_tokenizer(folder.path()));
    CHECK(load().eos() == 257);
    CHECK(load_tokenizer(folder.file("merges.txt")) == load());

    write_file(folder.file("tokenizer.json"), tokenizer_file_json(trained(2)));
    CHECK(load() == trained(2));
    CHECK_FALSE(load().eos());
    write_file(folder.file("tokenizer_config.json"),
               R"({"bos_token": "<s>", "eos_token": {"content": "</s>"}, "pad_token": null})");
    CHECK_FALSE(load().bos());  // it is named, but nothing puts it before a text
    CHECK(load().eos() == 259);
    write_file(folder.file("tokenizer_config.json"),
               R"({"bos_token": "<s>", "add_bos_token": true, "eos_token": "</s>"})");
    CHECK(load().bos() == 258);
    Json file = Json::parse(tokenizer_file_json(trained(2)));
    file["post_processor"] = {{"type", "TemplateProcessing"},
                              {"single",
                               {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                                {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}}};
    write_file(folder.file("tokenizer.json"), file.dump());
    CHECK(load().bos() == 258);
    write_file(folder.file("tokenizer_config.json"), R"({"bos_token": "<s>"})");
    CHECK(load().bos() == 258);
    write_file(folder.file("tokenizer_config.json"),
               R"({"bos_token": "<s>", "add_bos_token": false})");
    CHECK_FALSE(load().bos());
    write_file(folder.file("tokenizer.json"), tokenizer_file_json(trained(2)));
    write_file(folder.file("tokenizer_config.json"), R"({"bos_token": 3, "eos_token": "</t>"})");
    CHECK_FALSE(load().eos());

    Json run = {{"kind", "a run"}, {"vocabulary", trained(3).to_json()}};
    write_file(folder.file("run.json"), checked_json(run, 2));
    CHECK(load() == trained(3));
    std::string damaged = read_file(folder.file("run.json"));
    damaged.replace(damaged.find("a run"), 5, "a fun");
    write_file(folder.file("run.json"), damaged);
    CHECK(file_error(load).find("run.json: \"checksum\" is ") != std::string::npos);

    for (const char* name : {"vocab.json", "model.safetensors"}) {
        write_file(folder.file(name), "{}");
        const std::string error = file_error([&] { load_tokenizer(folder.file(name)); });
        CHECK(error.find(std::string(name) == "vocab.json"
                             ? "neither a tokenizer.json nor a run.json"
                             : "a tokenizer's file ends in .json, .model, .tiktoken, .txt, .bpe or "
                               ".gguf") != std::string::npos);
    }
}

TEST_CASE("a vocab.json beside merges.txt gives the ids, and what no merge makes is special") {
    const TemporaryFolder folder;
    const std::string merges = folder.file("merges.txt"), vocabulary = folder.file("vocab.json");
    write_file(merges, "#version: 0.2\nh e\nhe l\n");
    const Bpe plain = load_merges(merges);
    const auto write = [&](auto change) {
        Json json = Json::parse(tokenizer_file_json(Tokenizer::bpe(plain)))["model"]["vocab"];
        change(json);
        write_file(vocabulary, json.dump());
    };
    write([](Json&) {});
    CHECK(load_merges(merges, vocabulary) == plain);
    CHECK(load_tokenizer(merges) == Tokenizer::bpe(plain));

    write([](Json& json) { json["he"] = 260, json["<s>"] = 256, json["<|endoftext|>"] = 261; });
    const Bpe other = load_merges(merges, vocabulary);
    CHECK(other.encode("hehel") == Ids{260, 257});
    CHECK(other.special("<s>") == 256);
    CHECK(load_tokenizer(folder.path()).eos() == 261);
    CHECK(other.decode({256, 260, 258}) == "he");

    write([](Json& json) { json.erase("hel"); });
    CHECK(file_error([&] { load_merges(merges, vocabulary); }) ==
          merges + ": line 3: \"hel\" is not a token of the vocabulary");
    write([](Json& json) { json.erase("x"); });
    CHECK(file_error([&] { load_merges(merges, vocabulary); }) ==
          vocabulary + ": bpe: byte 120 is not a token");
    write([](Json& json) { json[""] = 260; });
    CHECK(file_error([&] { load_merges(merges, vocabulary); }) ==
          vocabulary + ": the token with the id 260 is empty");

    write([](Json& json) { json["x<s>"] = 260, json["<s>"] = 261; });
    for (const auto& [line, message] : std::vector<std::pair<std::string, std::string>>{
             {"h e", "\"h e\" is the merge of line 2 again"},
             {"he ", "\"he \" is not a merge: two tokens with a space between them"},
             {"x <s>", "\"<s>\" is neither a byte nor made by an earlier line"}}) {
        write_file(merges, "#version: 0.2\nh e\nhe l\n" + line + "\n");
        CHECK(file_error([&] { load_merges(merges, vocabulary); }) ==
              merges + ": line 4: " + message);
    }
}

TEST_CASE("GPT-2's ids, from merges.txt alone, with vocab.json, and through tokenizer.json") {
    const std::string data = gpt2_folder();
    if (data.empty()) return;
    const Tokenizer v = load_tokenizer(data);
    CHECK(v.size() == 50257);
    CHECK(v.eos() == 50256);
    CHECK(v == Tokenizer::bpe(load_merges(data + "/merges.txt")));
    for (const auto& example : gpt2_ids()) {
        const auto& [text, ids] = example;
        CAPTURE(example.first);
        CHECK(v.encode(text) == ids);
        CHECK(v.decode(ids) == text);
    }
    CHECK(v.encode_with_specials("hello <|endoftext|>") == Ids{31373, 220, 50256});
    check_random_texts(v, 50256, 10'000);
}

TEST_CASE("GPT-2's tokenizer written as tokenizer.json is read as the same (0.5 s)" *
          kFullSpeedOnly) {
    const std::string data = gpt2_folder();
    if (data.empty()) return;
    const Tokenizer v = load_tokenizer(data);
    CHECK(tokenizer_from_file_json(Json::parse(tokenizer_file_json(v)), "f") == v);
}

TEST_CASE("a million texts come back from GPT-2's ids" * doctest::test_suite("long")) {
    const std::string data = gpt2_folder();
    if (!data.empty()) check_random_texts(load_tokenizer(data), 50256, 1'000'000);
}
