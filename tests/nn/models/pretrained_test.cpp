// SPDX-License-Identifier: MIT
// Checkpoints in the published layouts: the logits, loss and gradients are those that an independent
// implementation (PyTorch 1.13, in double) computed for the same weights. Those follow from a formula,
// so that no binary file is needed here.
#include "nn/models/pretrained.h"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "nn/files/weights/safetensors.h"
#include "nn/generate/kv_cache.h"
#include "nn/loss.h"
#include "nn/models/hf_config.h"
#include "nn/stored_weights.h"
#include "nn/train/optimiser.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"
#include "tests/tensors.h"

using namespace gradus;
using nlohmann::json;

namespace {

// FNV-1a of the name, a step of Knuth's for each element, and two rounds of mixing: -1/2 to 1/2, and
// around 1 for the weights of norms.
float formula(const std::string& name, Index i) {
    std::uint32_t x = 2166136261;
    for (const char c : name) x = (x ^ static_cast<unsigned char>(c)) * 16777619;
    x += 2654435761u * static_cast<std::uint32_t>(i + 1);
    x ^= x >> 16, x *= 0x45d9f3b, x ^= x >> 16;
    const auto value = static_cast<float>(x / 4294967296.0 - 0.5);
    const bool norm = name.find("norm") != name.npos || name.find("ln_") != name.npos;
    return norm && name.ends_with("weight") ? 1 + value : value;
}

using Shapes = std::map<std::string, Shape>;

std::vector<NamedTensor> tensors(const Shapes& shapes, const std::string& prefix = "",
                                 WeightFormat format = WeightFormat::f32) {
    std::vector<NamedTensor> list;
    for (const auto& [name, shape] : shapes) {
        Tensor t = Tensor::empty(shape);
        for (Index i = 0; i < t.count(); ++i) t[i] = static_cast<Real>(formula(name, i));
        // Matrices in floats even in the double build, where they are to be mapped.
        if (shape.rank() == 2)
            list.push_back({prefix + name, {}, store(t, format, WeightLayout::out_in)});
        else
            list.push_back({prefix + name, t});
    }
    return list;
}

struct Checkpoint {
    json config;
    Shapes shapes;
    std::vector<double> logits;  // at the last position
    double loss, gradient_norm;
};

Checkpoint gpt2() {
    Checkpoint c{
        {{"model_type", "gpt2"},
         {"n_layer", 2},
         {"n_head", 2},
         {"n_embd", 8},
         {"n_positions", 8},
         {"n_inner", nullptr},
         {"vocab_size", 11},
         {"layer_norm_epsilon", 1e-5},
         {"activation_function", "gelu_new"},
         {"bos_token_id", 10},
         {"eos_token_id", 10}},
        {{"wte.weight", {11, 8}}, {"wpe.weight", {8, 8}}, {"ln_f.weight", {8}}, {"ln_f.bias", {8}}},
        {-0.410303086, -0.558457675, -0.380972581, -0.324843648, -1.159752353, -0.887154768,
         1.999722916, -1.548367345, -0.243690622, 0.214855312, 0.087871518},
        2.907037825,
        1.961126699};
    for (const char* block : {"h.0.", "h.1."})
        for (const auto& [name, shape] : Shapes{{"ln_1.weight", {8}},
                                                {"ln_1.bias", {8}},
                                                {"ln_2.weight", {8}},
                                                {"ln_2.bias", {8}},
                                                {"attn.c_attn.weight", {8, 24}},
                                                {"attn.c_attn.bias", {24}},
                                                {"attn.c_proj.weight", {8, 8}},
                                                {"attn.c_proj.bias", {8}},
                                                {"mlp.c_fc.weight", {8, 32}},
                                                {"mlp.c_fc.bias", {32}},
                                                {"mlp.c_proj.weight", {32, 8}},
                                                {"mlp.c_proj.bias", {8}}})
            c.shapes.emplace(block + name, shape);
    return c;
}

Shapes llama_shapes(Index C, Index queries, Index keys, Index hidden) {
    Shapes shapes{{"model.embed_tokens.weight", {11, C}}, {"model.norm.weight", {C}}};
    for (const char* block : {"model.layers.0.", "model.layers.1."})
        for (const auto& [name, shape] : Shapes{{"input_layernorm.weight", {C}},
                                                {"post_attention_layernorm.weight", {C}},
                                                {"self_attn.q_proj.weight", {queries, C}},
                                                {"self_attn.k_proj.weight", {keys, C}},
                                                {"self_attn.v_proj.weight", {keys, C}},
                                                {"self_attn.o_proj.weight", {C, queries}},
                                                {"mlp.gate_proj.weight", {hidden, C}},
                                                {"mlp.up_proj.weight", {hidden, C}},
                                                {"mlp.down_proj.weight", {C, hidden}}})
            shapes.emplace(block + name, shape);
    return shapes;
}

// Heads of their own size, two that share keys and values, and Llama 3's stretched positions.
Checkpoint llama() {
    Checkpoint c{{{"model_type", "llama"},
                  {"num_hidden_layers", 2},
                  {"num_attention_heads", 4},
                  {"num_key_value_heads", 2},
                  {"head_dim", 6},
                  {"hidden_size", 12},
                  {"intermediate_size", 20},
                  {"max_position_embeddings", 8},
                  {"vocab_size", 11},
                  {"rms_norm_eps", 1e-5},
                  {"rope_theta", 10000.0},
                  {"rope_scaling",
                   {{"rope_type", "llama3"},
                    {"factor", 4.0},
                    {"low_freq_factor", 1.0},
                    {"high_freq_factor", 4.0},
                    {"original_max_position_embeddings", 6}}},
                  {"hidden_act", "silu"},
                  {"tie_word_embeddings", false},
                  {"bos_token_id", 1},
                  {"eos_token_id", {2, 3}}},
                 llama_shapes(12, 24, 12, 20),
                 {-0.350550382, -0.193133414, 0.051554563, 0.070022272, -0.268698643, 0.740563879,
                  -0.724784215, 0.887048529, -1.634418281, -0.592620471, 0.106540908},
                 2.733922706,
                 4.806633806};
    c.shapes.emplace("lm_head.weight", Shape{11, 12});
    return c;
}

// Biases in queries, keys and values, one head of those for four of queries, and a tied output layer.
Checkpoint qwen2() {
    Checkpoint c{{{"model_type", "qwen2"},
                  {"num_hidden_layers", 2},
                  {"num_attention_heads", 4},
                  {"num_key_value_heads", 1},
                  {"hidden_size", 8},
                  {"intermediate_size", 20},
                  {"max_position_embeddings", 8},
                  {"vocab_size", 11},
                  {"rms_norm_eps", 1e-6},
                  {"rope_theta", 1000000.0},
                  {"hidden_act", "silu"},
                  {"use_sliding_window", false},
                  {"sliding_window", 8},
                  {"tie_word_embeddings", true}},
                 llama_shapes(8, 8, 2, 20),
                 {1.345795641, -0.549987311, 0.859702506, -0.218763712, -0.000665845, 0.189846421,
                  0.583330126, -0.500716548, -0.919002793, 0.98475159, 0.200140855},
                 2.717171531,
                 1.894637343};
    for (const char* block : {"model.layers.0.", "model.layers.1."})
        for (const auto& [name, size] : {std::pair<const char*, Index>{"q", 8}, {"k", 2}, {"v", 2}})
            c.shapes.emplace(fmt::format("{}self_attn.{}_proj.bias", block, name), Shape{size});
    return c;
}

std::vector<Checkpoint> checkpoints() {
    return {gpt2(), llama(), qwen2()};
}

void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
}

// A folder as it would be published.
void publish(const std::string& folder, const json& config, const std::vector<NamedTensor>& list) {
    std::filesystem::create_directories(folder);
    write(folder + "/config.json", config.dump(2));
    save_safetensors(folder + "/model.safetensors", list);
}

const Tokens kIds({1, 8}, {3, 1, 4, 1, 5, 9, 2, 6});
const Tokens kTargets({1, 8}, {1, 4, 1, 5, 9, 2, 6, 5});

void check_logits(const Tensor& last, const std::vector<double>& expected) {
    for (std::size_t i = 0; i < expected.size(); ++i)
        CHECK(std::abs(double(last[static_cast<Index>(i)]) - expected[i]) <
              (kDouble ? 1e-7 : 2e-5));
}

}  // namespace

TEST_CASE("published checkpoints give the logits and gradients of an independent implementation") {
    const TemporaryFolder folder;
    for (const Checkpoint& c : checkpoints()) {
        CAPTURE(c.config.dump());
        const std::string path = folder.file("published");
        publish(path, c.config, tensors(c.shapes));
        CHECK(is_pretrained(path));
        for (const WeightUse use : {WeightUse::mapped, WeightUse::trainable}) {
            Pretrained loaded = load_pretrained(path, use);
            const bool mapped = use == WeightUse::mapped;
            CHECK(stored_weights(loaded.model).empty() == !mapped);
            CHECK(parameter_count(loaded.model) == parameter_count(loaded.model.config()));
            const Variable logits = loaded.model(kIds);
            check_logits(logits.value().reshape({8, 11}).slice(7, 8).reshape({11}), c.logits);
            const Variable loss = cross_entropy(logits, kTargets);
            CHECK(std::abs(double(loss.item()) - c.loss) < (kDouble ? 1e-8 : 1e-5));
            if (mapped) continue;
            loss.backward();
            CHECK(std::abs(double(gradient_norm(named_parameters(loaded.model))) / c.gradient_norm -
                           1) < (kDouble ? 1e-8 : 1e-5));
        }
    }
}

TEST_CASE(
    "a GPT-2 checkpoint may say transformer. before its names, hold masks and repeat its head") {
    const TemporaryFolder folder;
    const Checkpoint c = gpt2();
    std::vector<NamedTensor> list = tensors(c.shapes, "transformer.");
    list.push_back({"transformer.h.0.attn.bias", Tensor({1, 1, 8, 8})});
    list.push_back({"transformer.h.0.attn.masked_bias", Tensor::scalar(-10000)});
    const auto wte = std::find_if(list.begin(), list.end(), [](const NamedTensor& t) {
        return t.name == "transformer.wte.weight";
    });
    list.push_back({"lm_head.weight", {}, wte->stored});
    publish(folder.path(), c.config, list);
    const Pretrained loaded = load_pretrained(folder.path(), WeightUse::mapped);
    check_logits(loaded.model(kIds).value().reshape({8, 11}).slice(7, 8).reshape({11}), c.logits);
    CHECK(loaded.origin == "gpt2 in safetensors");
    CHECK(loaded.bos == 10);
    CHECK(loaded.eos == std::vector{10});

    list.back().stored = store(Tensor({11, 8}), WeightFormat::f32, WeightLayout::out_in);
    publish(folder.path(), c.config, list);
    CHECK(file_error([&] { load_pretrained(folder.path(), WeightUse::mapped); }) ==
          folder.file("model.safetensors") +
              ": tensor \"lm_head.weight\" differs from \"transformer.wte.weight\", but this "
              "model's output layer is its token embedding");
}

TEST_CASE("halves load as they are, mapped or as floats, with the same logits") {
    const TemporaryFolder folder;
    for (const Checkpoint& c : checkpoints())
        for (const WeightFormat format : {WeightFormat::f16, WeightFormat::bf16}) {
            const std::string path = folder.file(to_string(format));
            publish(path, c.config, tensors(c.shapes, "", format));
            Pretrained mapped = load_pretrained(path, WeightUse::mapped),
                       floats = load_pretrained(path, WeightUse::trainable);
            CHECK(stored_weights(mapped.model)[0].weight->format == format);
            const NoGrad guard;
            const Tensor a = mapped.model(kIds).value(), b = floats.model(kIds).value();
            for (Index i = 0; i < a.count(); ++i) CHECK(std::abs(double(a[i] - b[i])) < 2e-5);
        }
}

TEST_CASE("a tensor that is missing, of another shape or of another model is named") {
    const TemporaryFolder folder;
    const Checkpoint c = llama();
    const auto message = [&](auto change) {
        std::vector<NamedTensor> list = tensors(c.shapes);
        change(list);
        publish(folder.path(), c.config, list);
        std::string text =
            file_error([&] { load_pretrained(folder.path(), WeightUse::trainable); });
        const std::string start = folder.file("model.safetensors") + ": ";
        return text.starts_with(start) ? text.substr(start.size()) : text;
    };
    const auto named = [](std::vector<NamedTensor>& list, const std::string& name) {
        return std::find_if(list.begin(), list.end(),
                            [&](const NamedTensor& t) { return t.name == name; });
    };
    CHECK(message([](auto&) {}).empty());
    // Something else of the same size stands where it was.
    CHECK(message([&](auto& list) {
              named(list, "model.norm.weight")->name = "model.nrom.weight";
          }) == "no tensor \"model.norm.weight\" among 21; near names: \"model.nrom.weight\"");
    CHECK(message([](auto& list) {
              list.push_back({"model.layers.2.mlp.up_proj.weight", Tensor({20, 12})});
          }) ==
          "tensor \"model.layers.2.mlp.up_proj.weight\" is not part of a llama model of 2 layers");
    CHECK(message([&](auto& list) { list.erase(named(list, "lm_head.weight")); }) ==
          "no tensor \"lm_head.weight\" among 20");
    CHECK(message([&](auto& list) { list.resize(4); }).starts_with("holds "));
    CHECK(message([&](auto& list) {
              *named(list, "model.layers.1.mlp.up_proj.weight") = {
                  "model.layers.1.mlp.up_proj.weight", Tensor({12, 20})};
          }) ==
          "tensor \"model.layers.1.mlp.up_proj.weight\" has shape (12, 20), the model needs (20, "
          "12)");
}

TEST_CASE("what a config.json lacks, or asks for and is not known here, is named") {
    const TemporaryFolder folder;
    const std::string path = folder.file("config.json");
    const auto message = [&](const Checkpoint& c, auto change) {
        json config = c.config;
        change(config);
        write(path, config.dump());
        std::string text = file_error([&] { read_hf_config(path); });
        return text.empty() ? text : text.substr(path.size() + 2);
    };
    const auto with = [&](const Checkpoint& c, const char* key, const json& value) {
        return message(c, [&](json& config) { config[key] = value; });
    };
    for (const Checkpoint& c : checkpoints()) {
        CHECK(message(c, [](json&) {}).empty());
        CHECK(message(c, [](json& j) { j.erase("vocab_size"); }) ==
              "vocab_size is missing, must be a whole number from 1 to 2147483647");
        CHECK(with(c, "vocab_size", "11") ==
              "vocab_size is \"11\", must be a whole number from 1 to 2147483647");
        CHECK(with(c, "vocab_size", 1 << 25) ==
              std::string(c.config["model_type"] == "gpt2" ? "gpt" : "llama") +
                  ": vocabulary 33554432, must be 1 to 16777216");
        CHECK(with(c, "eos_token_id", 11) == "eos_token_id: 11, must be a token, 0 to 10");
        CHECK(with(c, "eos_token_id", {1, -1}) == "eos_token_id: -1, must be a token, 0 to 10");
    }
    CHECK(with(gpt2(), "model_type", "gemma") ==
          "model_type is \"gemma\", must be gpt2, llama, mistral or qwen2");
    CHECK(message(gpt2(), [](json& j) { j.erase("model_type"); }) ==
          "model_type is missing, must be a string");
    CHECK(with(gpt2(), "activation_function", "relu") ==
          "activation_function is \"relu\"; only \"gelu_new\" is known here");
    CHECK(with(gpt2(), "n_inner", 9) == "n_inner is 9, must be 4 n_embd = 32");
    CHECK(with(gpt2(), "layer_norm_epsilon", 1e-6) ==
          "layer_norm_epsilon is 1e-06; only 1e-05 is known here");
    CHECK(with(gpt2(), "scale_attn_by_inverse_layer_idx", true) ==
          "scale_attn_by_inverse_layer_idx is true; only false is known here");
    CHECK(with(gpt2(), "n_head", 3) ==
          "gpt: heads must divide the width: 8 / 3 leaves 2 (a width of 9 would do)");
    CHECK(with(llama(), "hidden_act", "gelu") ==
          "hidden_act is \"gelu\"; only \"silu\" is known here");
    CHECK(with(llama(), "mlp_bias", true) == "mlp_bias is true; only false is known here");
    CHECK(with(llama(), "tie_word_embeddings", 1) ==
          "tie_word_embeddings is 1, must be true or false");
    CHECK(with(llama(), "rope_theta", "big") == "rope_theta is \"big\", must be a number");
    CHECK(with(llama(), "rope_scaling", 4) == "rope_scaling is 4, must be an object");
    CHECK(with(llama(), "rope_scaling", {{"type", "yarn"}}) ==
          "rope_scaling: type \"yarn\" (known: default, linear, llama3, longrope as "
          "exported here)");
    CHECK(with(llama(), "rope_scaling", {{"type", "linear"}}) ==
          "rope_scaling.factor is missing, must be a number");
    CHECK(with(llama(), "rope_scaling", {{"type", "linear"}, {"factor", 0}}) ==
          "llama: rotary factor 0, must be above 0");
    CHECK(with(llama(), "head_dim", 5).starts_with("llama: heads of size 5"));
    CHECK(with(qwen2(), "use_sliding_window", true) ==
          "use_sliding_window is true; only false is known here");
    for (const auto& [text, said] : {std::pair{"", "is not JSON"},
                                     {"{", "is not JSON"},
                                     {"[1]", "the file is a list, must be an object"}}) {
        write(path, text);
        CHECK(file_error([&] { read_hf_config(path); }) == path + ": " + said);
    }
    write(path, std::string(1 << 21, '['));
    CHECK(file_error([&] { read_hf_config(path); }) ==
          path + ": 2097152 bytes, must be at most 1048576");
}

TEST_CASE("a configuration that is written is the one that is read, stretched positions included") {
    const TemporaryFolder folder;
    const std::string path = folder.file("config.json");
    std::vector<HfConfig> configs;
    for (const Checkpoint& c : checkpoints()) {
        write(path, c.config.dump());
        configs.push_back(read_hf_config(path));
    }
    HfConfig mistral = configs[1];
    auto& model = std::get<LlamaConfig>(mistral.model);
    mistral.type = "mistral";
    model.window = 5, model.rotary_stretch = {2, 2, 2}, model.tied = Tied::yes;
    configs.push_back(mistral);
    HfConfig biased = configs[1];
    std::get<LlamaConfig>(biased.model).qkv_bias = Bias::yes;
    std::get<LlamaConfig>(biased.model).projection_bias = Bias::yes;
    configs.push_back(biased);
    auto& crooked = std::get<LlamaConfig>(biased.model);
    crooked.window = 5;  // with biases
    CHECK_THROWS_AS(hf_config(biased), std::invalid_argument);
    crooked.window = 0, crooked.qkv_bias = Bias::no;
    CHECK_THROWS_AS(hf_config(biased), std::invalid_argument);
    // Mistral's window is 4096 unless it is said to be none.
    json plain = checkpoints()[1].config;
    plain["model_type"] = "mistral", plain.erase("sliding_window");
    write(path, plain.dump());
    CHECK(std::get<LlamaConfig>(read_hf_config(path).model).window == 4096);
    plain["sliding_window"] = nullptr;
    write(path, plain.dump());
    CHECK(std::get<LlamaConfig>(read_hf_config(path).model).window == 0);
    for (HfConfig& config : configs) {
        write(path, hf_config(config).dump());
        const HfConfig again = read_hf_config(path);
        if (auto* llama = std::get_if<LlamaConfig>(&config.model))
            llama->head_size = llama->size_of_head();  // it is written even if it follows
        CHECK(again.model == config.model);
        CHECK(again.type == config.type);
        CHECK(again.bos == config.bos);
        CHECK(again.eos == config.eos);
    }
    // Llama 3's stretch: the fastest pair is left alone, the slowest turns at a quarter of its speed.
    const auto& stretch = std::get<LlamaConfig>(configs[1].model).rotary_stretch;
    CHECK(stretch.size() == 3);
    CHECK(stretch.back() == 4);
}

TEST_CASE("a config.json that is cut short or has a wrong byte is read or refused, nothing else") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("config.json");
    int refused = 0;
    for (const Checkpoint& c : checkpoints()) {
        const std::string whole = c.config.dump();
        const auto read = [&](const std::string& text) {
            write(path, text);
            refused += !file_error([&] { read_hf_config(path); }).empty();
        };
        constexpr std::size_t kRounds = kSanitized ? 200 : 1000;
        for (std::size_t i = 0; i < 200; ++i) read(whole.substr(0, whole.size() * i / 200));
        Random random(1);
        for (std::size_t i = 0; i < kRounds; ++i) {
            std::string damaged = whole;
            damaged[random.below(whole.size())] ^= static_cast<char>(1 + random.below(255));
            read(damaged);
        }
    }
    CHECK(refused > (kSanitized ? 3 * 270 : 3 * 900));
}
