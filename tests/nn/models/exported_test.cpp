// SPDX-License-Identifier: MIT
// Exports, read back by this library's own readers: the same logits, tokens and special tokens. That
// other programs read them, too, is checked by hand before a release.
#include "nn/models/exported.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "nn/files/datasets/npz.h"
#include "nn/files/tokenizers/byte_names.h"
#include "nn/files/tokenizers/gguf_tokenizer.h"
#include "nn/files/tokenizers/tokenizer_files.h"
#include "nn/files/weights/gguf.h"
#include "nn/models/gguf_config.h"
#include "nn/models/pretrained.h"
#include "nn/tokenizers/sentencepiece.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

constexpr int kTokens = 270;

std::vector<TextConfig> configs() {
    const GptConfig gpt{.layers = 2,
                        .heads = 2,
                        .width = 32,
                        .context = 9,
                        .vocabulary = kTokens,
                        .bias = Bias::no};
    const LlamaConfig llama{.layers = 2,
                            .heads = 4,
                            .kv_heads = 2,
                            .width = 32,
                            .hidden = 64,
                            .context = 9,
                            .vocabulary = kTokens};
    LlamaConfig qwen = llama;
    qwen.qkv_bias = Bias::yes, qwen.tied = Tied::yes, qwen.norm_eps = 1e-6, qwen.rotary_base = 1e6;
    LlamaConfig stretched = llama;
    stretched.rotary_stretch = {1, 2, 4, 8};
    stretched.qkv_bias = Bias::yes, stretched.projection_bias = Bias::yes;
    LlamaConfig adjacent = llama;
    adjacent.rotary_pairs = RotaryPairs::adjacent, adjacent.head_size = 16;
    return {gpt, llama, qwen, stretched, adjacent};
}

TextModel loud(const TextConfig& config) {
    TextModel model(config, Initialiser(1));
    amplify(model, 8);
    return model;
}

Tensor logits(const TextModel& model) {
    const NoGrad guard;
    return model(random_tokens({2, 9}, kTokens, 3)).value();
}

// Of the largest logit.
double difference(const TextModel& a, const TextModel& b) {
    const Tensor x = logits(a), y = logits(b);
    double worst = 0, largest = 0;
    for (Index i = 0; i < x.count(); ++i) {
        worst = std::max(worst, std::abs(double(x[i] - y[i])));
        largest = std::max(largest, std::abs(double(x[i])));
    }
    return worst / largest;
}

const std::string kText = "the cat sat on the mat; the hat of the cat, 猫";

Tokenizer merges() {
    Bpe learnt = Bpe::train(
        "the cat sat on the mat, the cat that the hat sat on: the hat, cat hats sat on mats", 13);
    Tokenizer tokenizer = Tokenizer::bpe(Bpe(learnt.merges(), Split::gpt2, {"<|endoftext|>"}));
    tokenizer.set_bos_eos({}, tokenizer.bpe()->special("<|endoftext|>"));
    return tokenizer;
}

}  // namespace

TEST_CASE("a model goes to a folder for transformers and comes back with its tokenizer") {
    const TemporaryFolder folder(memory_folder());
    const Tokenizer tokenizer = merges();
    REQUIRE(tokenizer.size() == kTokens);
    int number = 0;
    for (const TextConfig& config : configs())
        for (const WeightFormat format : {WeightFormat::f32, WeightFormat::bf16}) {
            const std::string path = folder.file(std::to_string(number++));
            const TextModel model = loud(config);
            export_hf({.model = model, .tokenizer = &tokenizer, .eos = {269}}, path, format);
            const Pretrained again = load_pretrained(path, WeightUse::mapped);
            CHECK(difference(model, again.model) < (format == WeightFormat::f32 ? 1e-5 : 0.05));
            CHECK(again.eos == std::vector{269});
            CHECK(!again.bos.has_value());
            const Tokenizer words = load_tokenizer(path);
            CHECK(words.encode(kText) == tokenizer.encode(kText));
            CHECK(words.eos() == 269);
        }
}

TEST_CASE("a model goes to GGUF and comes back with its tokenizer, in every format") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("model.gguf");
    const Tokenizer tokenizer = merges();
    for (const TextConfig& config : configs())
        for (const auto& way : {std::pair{WeightFormat::f32, 1e-5},
                                {WeightFormat::f16, 0.005},
                                {WeightFormat::bf16, 0.05},
                                {WeightFormat::q8_0, 0.05},
                                {WeightFormat::q4_0, 0.8}}) {
            const WeightFormat format = way.first;
            CAPTURE(to_string(format));
            const TextModel model = loud(config);
            export_gguf({.model = model, .tokenizer = &tokenizer, .eos = {269}, .name = "Mia"},
                        path, format);
            const Pretrained again = load_pretrained(path, WeightUse::mapped);
            const double apart = difference(model, again.model);
            CHECK(apart < way.second);
            if (format != WeightFormat::f32) CHECK(apart > 0);  // it is another format indeed
            CHECK(again.eos == std::vector{269});
            const GgufFile file(path);
            CHECK(file.metadata().text("general.name") == "Mia");
            const auto words = read_gguf_tokenizer(file.metadata(), path);
            REQUIRE(words.has_value());
            CHECK(words->encode(kText) == tokenizer.encode(kText));
            CHECK(words->decode(tokenizer.encode(kText)) == kText);
            CHECK(words->eos() == 269);
            CHECK(!words->bos().has_value());
            CHECK(words->bpe()->is_special(269));
        }
}

TEST_CASE("the bare numbers go to npz under the names that they have here") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("model.npz"), gguf = folder.file("model.gguf");
    for (const TextConfig& config : configs()) {
        TextModel model = loud(config);
        export_npz({.model = model}, path);
        const NpzFile file(path);
        const auto parameters = named_parameters(model);
        CHECK(file.names().size() == parameters.size());
        for (const auto& p : parameters) {
            const NumberArray array = file.array(p.name);
            CHECK(array.shape == p.variable.shape());
            for (Index i = 0; i < array.shape.count(); ++i)
                REQUIRE(array[i] == double(p.variable.value()[i]));
        }
        // The same from a model whose matrices lie in a file, the other way round.
        export_gguf({.model = model}, gguf, WeightFormat::f32);
        const Pretrained mapped = load_pretrained(gguf, WeightUse::mapped);
        export_npz({.model = mapped.model}, path);
        for (const auto& p : parameters)
            CHECK(NpzFile(path).array(p.name).shape == p.variable.shape());
    }
}

TEST_CASE("BOS goes along, whatever token it is") {
    const TemporaryFolder folder(memory_folder());
    const GptConfig config{
        .layers = 1, .heads = 1, .width = 8, .context = 4, .vocabulary = kTokens};
    const Gpt model(config, 1);
    for (const int bos : {269, 10}) {  // a special token, and a line's end
        Tokenizer tokenizer = merges();
        tokenizer.set_bos_eos(bos, 269);
        const std::string path = folder.file(std::to_string(bos));
        export_hf({.model = model, .tokenizer = &tokenizer, .bos = bos}, path, WeightFormat::f32);
        CHECK(load_tokenizer(path).bos() == bos);
        export_gguf({.model = model, .tokenizer = &tokenizer}, path + ".gguf", WeightFormat::f32);
        CHECK(load_tokenizer(path + ".gguf").bos() == bos);
    }
}

TEST_CASE("a byte model is BPE without merges for others") {
    const TemporaryFolder folder(memory_folder());
    const GptConfig config{.layers = 1, .heads = 1, .width = 8, .context = 4, .vocabulary = 256};
    const Gpt model(config, 1);
    const Tokenizer bytes = Tokenizer::bytes();
    export_hf({.model = model, .tokenizer = &bytes}, folder.file("hf"), WeightFormat::f32);
    export_gguf({.model = model, .tokenizer = &bytes}, folder.file("b.gguf"), WeightFormat::f32);
    CHECK(load_tokenizer(folder.file("hf")).encode(kText) == bytes.encode(kText));
    const GgufFile file(folder.file("b.gguf"));
    CHECK(read_gguf_tokenizer(file.metadata(), "b")->encode(kText) == bytes.encode(kText));
}

TEST_CASE("SentencePiece whose merges are pairs goes to GGUF with scores of the same order") {
    std::vector<Piece> pieces = {{"<unk>", 0, PieceType::unknown}};
    for (const char* text : {"▁", "a", "b", "c", "bc", "ab", "abc"}) pieces.push_back({text});
    // By score alone, of all zero, "abc" would begin with "ab".
    const std::vector<SentencePiece::Pair> merges = {{3, 4}, {2, 5}, {2, 3}};
    const Tokenizer by_pairs(std::make_shared<SentencePiece>(pieces, PieceText{}, merges),
                             "sentencepiece");
    GgufMetadata metadata;
    add_gguf_tokenizer(metadata, by_pairs, 12);
    CHECK(metadata.texts("tokenizer.ggml.tokens").size() == 12);
    CHECK(metadata.texts("tokenizer.ggml.tokens")[11] == "[PAD11]");
    CHECK(metadata.numbers("tokenizer.ggml.scores")[5] == 0);
    CHECK(metadata.numbers("tokenizer.ggml.scores")[7] == -1);
    CHECK(metadata.numbers("tokenizer.ggml.scores")[6] == -2);
    const auto again = read_gguf_tokenizer(metadata, "m");
    REQUIRE(again.has_value());
    CHECK(again->size() == 12);
    GgufMetadata refused;
    pieces.push_back({"▁a"});
    CHECK_THROWS_WITH(
        add_gguf_tokenizer(refused,
                           Tokenizer(std::make_shared<SentencePiece>(pieces, PieceText{}, merges),
                                     "sentencepiece")),
        "gguf: no merge makes piece 8, \"▁a\", and llama.cpp would make it (export to hf)");
    for (const char* text : {"abc", "bca", "ab", "cab abc"})
        CHECK(again->encode(text) == by_pairs.encode(text));

    for (const auto prefix : {PieceText::Prefix::none, PieceText::Prefix::always}) {
        const Tokenizer plain(std::make_shared<SentencePiece>(pieces, PieceText{.prefix = prefix}),
                              "sentencepiece");
        GgufMetadata described;
        add_gguf_tokenizer(described, plain);
        CHECK(read_gguf_tokenizer(described, "m")->encode("a a") == plain.encode("a a"));
    }
    const Tokenizer collapsing(
        std::make_shared<SentencePiece>(pieces, PieceText{.collapse_spaces = true}),
        "sentencepiece");
    GgufMetadata none;
    CHECK_THROWS_AS(add_gguf_tokenizer(none, collapsing), std::invalid_argument);
}

TEST_CASE("a tokenizer without EOS goes to GGUF with one that is in no text") {
    for (const Tokenizer& tokenizer :
         {Tokenizer::bytes(), Tokenizer::bpe(Bpe({}, Split::gpt2, {}, gpt2_byte_order()))}) {
        GgufMetadata metadata;
        add_gguf_tokenizer(metadata, tokenizer);
        CHECK_FALSE(metadata.contains("tokenizer.ggml.bos_token_id"));
        const auto again = read_gguf_tokenizer(metadata, "m");
        REQUIRE(again.has_value());
        REQUIRE(again->eos().has_value());
        CHECK(again->token(*again->eos()) == "\xFF");
    }
}

TEST_CASE("SentencePiece goes to GGUF with its scores and types") {
    std::vector<Piece> pieces = {{"<unk>", 0, PieceType::unknown},
                                 {"<s>", 0, PieceType::control},
                                 {"</s>", 0, PieceType::control}};
    for (int byte = 0; byte < 256; ++byte)
        pieces.push_back({fmt::format("<0x{:02X}>", byte), 0, PieceType::byte});
    for (const char* text : {"▁", "t", "h", "e", "▁t", "he", "▁the", "c", "a"})
        pieces.push_back({text, -static_cast<float>(pieces.size()), PieceType::normal});
    Tokenizer tokenizer(std::make_shared<SentencePiece>(pieces), "sentencepiece");
    tokenizer.set_bos_eos(1, 2);
    GgufMetadata metadata;
    add_gguf_tokenizer(metadata, tokenizer);
    const auto again = read_gguf_tokenizer(metadata, "m");
    REQUIRE(again.has_value());
    CHECK(again->encode("the cat, 猫") == tokenizer.encode("the cat, 猫"));
    CHECK(again->decode(again->encode("the cat, 猫")) == "the cat, 猫");
    CHECK(again->bos() == 1);
    CHECK(again->eos() == 2);
    CHECK(again->encode("<s>").size() > 1);
}

TEST_CASE("what the other software has no form for is refused before anything is written") {
    const TemporaryFolder folder(memory_folder());
    const TextModel model = loud(configs()[0]);
    const Tokenizer characters = Tokenizer::characters("abc");
    const auto message = [](const std::function<void()>& action) {
        try {
            action();
        } catch (const std::exception& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(message([&] {
              export_gguf({.model = model, .tokenizer = &characters}, folder.file("x"),
                          WeightFormat::f32);
          }) ==
          "gguf: llama.cpp has no tokenizer whose tokens are the characters of a text; train with "
          "--tokenizer bytes or --tokenizer bpe:2000, or export to hf");
    CHECK(message([&] { export_gguf({.model = model}, folder.file("x"), WeightFormat::int8); }) ==
          "export: GGUF has no format int8");
    CHECK(message([&] { export_hf({.model = model}, folder.file("x"), WeightFormat::q8_0); }) ==
          "export: --to hf has the formats f32, f16 and bf16, not q8_0 (--to gguf has it)");
    LlamaConfig window = std::get<LlamaConfig>(configs()[1]);
    window.window = 4;
    CHECK(message([&] {
              export_gguf({.model = Llama(window, 1)}, folder.file("x"), WeightFormat::f32);
          }) == "gguf: llama.cpp has no window of 4 positions for a model of this shape");
    window.window = window.context;  // which leaves nothing out
    CHECK(gguf_architecture(window) == "llama");
    CHECK(folder.files() == 0);
    CHECK(message([&] {
              export_hf({.model = model}, folder.path(), WeightFormat::f32);
              export_hf({.model = model}, folder.path(), WeightFormat::f32);
          }) == folder.path() + ": is not empty (choose another --out)");
    CHECK(message([&] {
              export_hf({.model = model}, folder.file("config.json"), WeightFormat::f32);
          }).starts_with(folder.file("config.json") + ": "));
}

TEST_CASE("GGUF's configuration is read as llama.cpp reads it, and what is not known is named") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("m.gguf");
    for (const TextConfig& config : configs()) {
        export_gguf({.model = loud(config)}, path, WeightFormat::f32);
        TextConfig there = config;
        if (auto* gpt = std::get_if<GptConfig>(&there)) gpt->bias = Bias::yes;
        if (auto* llama = std::get_if<LlamaConfig>(&there)) {
            llama->head_size = llama->size_of_head();
            llama->rotary_pairs =
                gguf_architecture(config) == "qwen2" ? RotaryPairs::halves : RotaryPairs::adjacent;
            llama->norm_eps = static_cast<float>(llama->norm_eps);
        }
        CHECK(read_gguf_config(GgufFile(path)).model == there);
    }
    const LlamaConfig llama = std::get<LlamaConfig>(configs()[1]);
    const auto message = [&](const std::string& key, const GgufValue& value) {
        GgufMetadata metadata;
        const GgufMetadata good = gguf_config(llama, "");
        for (const auto& [name, entry] : good.entries())
            if (name != key) metadata.add(name, entry);
        if (!std::holds_alternative<bool>(value)) metadata.add(key, value);
        save_gguf(path,
                  {{"token_embd.weight", Tensor({3, 32})}, {"output.weight", Tensor({3, 32})}},
                  metadata);
        const std::string text = file_error([&] { read_gguf_config(GgufFile(path)); });
        return text.empty() ? text : text.substr(path.size() + 2);
    };
    const GgufValue none = false;
    CHECK(message("llama.nothing", none).empty());
    CHECK(message("llama.block_count", none).find("llama.block_count") != std::string::npos);
    CHECK(message("llama.block_count", std::uint32_t{0}) ==
          "llama.block_count is 0, must be 1 to 2147483647");
    CHECK(message("general.architecture", std::string("gemma")) ==
          "general.architecture is \"gemma\" (known: gpt2, llama, qwen2)");
    CHECK(message("llama.attention.value_length", std::uint32_t{4}) ==
          "llama.attention.value_length is 4, must be the size of a head, 8");
    CHECK(message("llama.attention.head_count_kv", std::uint32_t{3}) ==
          "llama: 3 heads of keys and values, must divide the 4 heads");
    CHECK(message("llama.rope.scaling.type", std::string("yarn")) ==
          "llama.rope.scaling.type is \"yarn\" (known: none, linear)");
    CHECK(message("llama.rope.scaling.factor", -1.0f) ==
          "llama: rotary factor -1, must be above 0");
    CHECK(message("llama.rope.scaling.factor", 2.0f).empty());
}

TEST_CASE("a damaged tokenizer in a GGUF file is refused, and the message names the key") {
    const auto message = [](const std::string& key, const GgufValue& value) {
        GgufMetadata metadata, good;
        add_gguf_tokenizer(good, merges());
        for (const auto& [name, entry] : good.entries())
            if (name != key) metadata.add(name, entry);
        metadata.add(key, value);
        return file_error([&] { read_gguf_tokenizer(metadata, "m"); });
    };
    using Texts = std::vector<std::string>;
    CHECK(message("tokenizer.ggml.model", std::string("bert")) ==
          "m: tokenizer.ggml.model is \"bert\" (known: gpt2, llama)");
    CHECK(message("tokenizer.ggml.pre", std::string("tekken")) ==
          "m: tokenizer.ggml.pre is \"tekken\" (known: gpt-2, qwen2, llama-bpe, llama3, llama-v3, "
          "smollm, starcoder)");
    CHECK(message("tokenizer.ggml.merges", GgufArray(Texts{"t h", "th"})) ==
          "m: tokenizer.ggml.merges: \"th\" is not two tokens with a space between them");
    CHECK(message("tokenizer.ggml.tokens", GgufArray(Texts{"a"})) ==
          "m: tokenizer.ggml.token_type has 270 numbers, but there are 1 tokens");
    CHECK(message("tokenizer.ggml.eos_token_id", std::uint32_t{270}) ==
          "m: tokenizer.ggml.eos_token_id is 270, must be a token, 0 to 269");
    CHECK(message("tokenizer.ggml.token_type", GgufArray(std::vector<std::int32_t>(270, 7))) ==
          "m: tokenizer.ggml.token_type of token 0 is 7, must be 1 to 6");
    CHECK(!read_gguf_tokenizer(GgufMetadata(), "m").has_value());
}
