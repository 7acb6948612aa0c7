// SPDX-License-Identifier: MIT
#include "nn/models/hf_config.h"

#include <nlohmann/json.hpp>

#include "nn/files/json_fields.h"
#include "nn/files/mapped_file.h"
#include "nn/files/tensor_name.h"
#include "nn/models/rope_scaling.h"

namespace gradus {
namespace {

using Json = nlohmann::json;

// Of a config.json; published ones have about a thousand.
constexpr std::size_t kMostBytes = 1 << 20;

void read_special_tokens(const JsonFields& keys, HfConfig& config) {
    const Index V = vocabulary_of(config.model);
    const auto id = [&](const char* key, const Json& j) {
        if (!is_index(j, static_cast<std::size_t>(V)))
            keys.refuse(key, fmt::format("{}, must be a token, 0 to {}", brief(j), V - 1));
        return j.get<int>();
    };
    if (keys.has("bos_token_id")) config.bos = id("bos_token_id", keys.at("bos_token_id"));
    if (!keys.has("eos_token_id")) return;
    const Json& eos = keys.at("eos_token_id");  // one, or a list
    if (!eos.is_array()) config.eos = {id("eos_token_id", eos)};
    for (std::size_t i = 0; eos.is_array() && i < eos.size(); ++i)
        config.eos.push_back(id("eos_token_id", eos[i]));
}

GptConfig gpt2(const JsonFields& keys) {
    const Index context = keys.count_or("n_positions", keys.count_or("n_ctx", 1024));
    GptConfig c{.layers = keys.count("n_layer"),
                .heads = keys.count("n_head"),
                .width = keys.count("n_embd"),
                .context = context,
                .vocabulary = keys.count("vocab_size")};
    // Both are GELU in its tanh form.
    if (keys.text("activation_function", "gelu_new") != "gelu_pytorch_tanh")
        keys.require_only("activation_function", "gelu_new");
    if (keys.count_or("n_inner", 4 * c.width) != 4 * c.width)
        keys.refuse_value("n_inner", fmt::format("4 n_embd = {}", 4 * c.width));
    const double eps = keys.real_or("layer_norm_epsilon", 1e-5);
    if (static_cast<float>(eps) != static_cast<float>(kNormEps))
        keys.require_only("layer_norm_epsilon", 1e-5);
    keys.require_only("scale_attn_weights", true);
    keys.require_only("scale_attn_by_inverse_layer_idx", false);
    keys.require_only("add_cross_attention", false);
    keys.require_only("tie_word_embeddings", true);
    return c;
}

LlamaConfig llama(const JsonFields& keys, const std::string& type) {
    LlamaConfig c{.layers = keys.count("num_hidden_layers"),
                  .heads = keys.count("num_attention_heads"),
                  .width = keys.count("hidden_size"),
                  .hidden = keys.count("intermediate_size"),
                  .context = keys.count_or("max_position_embeddings", type == "llama"   ? 2048
                                                                      : type == "qwen2" ? 32768
                                                                                        : 131072),
                  .vocabulary = keys.count("vocab_size"),
                  .norm_eps = keys.real_or("rms_norm_eps", 1e-6)};
    // null means as many as there are heads; without the key, each type has a number of its own.
    const Index usual = type == "qwen2" ? 32 : type == "mistral" ? 8 : c.heads;
    c.kv_heads = keys.count_or("num_key_value_heads",
                               keys.says_null("num_key_value_heads") ? c.heads : usual);
    c.head_size = keys.count_or("head_dim", 0, 0);
    // Qwen2 has these biases always, Llama on request, Mistral never.
    const bool biases = type == "llama" && keys.flag("attention_bias", false);
    if (biases || type == "qwen2") c.qkv_bias = Bias::yes;
    if (biases) c.projection_bias = Bias::yes;
    if (keys.flag("tie_word_embeddings", false)) c.tied = Tied::yes;
    if (type == "mistral")
        c.window = keys.count_or("sliding_window", keys.says_null("sliding_window") ? 0 : 4096);
    if (type == "qwen2") keys.require_only("use_sliding_window", false);
    keys.require_only("hidden_act", "silu");
    keys.require_only("mlp_bias", false);
    keys.require_only("partial_rotary_factor", 1);
    c.validate();  // before its head size is used
    read_rope_scaling(keys, c);
    return c;
}

}  // namespace

HfConfig read_hf_config(const std::string& path) {
    const MappedFile file(path);
    if (file.size() > kMostBytes)
        throw FileError(path, fmt::format("{} bytes, must be at most {}", file.size(), kMostBytes));
    const Json whole = Json::parse(file.bytes(0, file.size()), nullptr, false);
    if (whole.is_discarded()) throw FileError(path, "is not JSON");
    const JsonFields keys(whole, "", path);
    HfConfig config;
    config.type = keys.text("model_type");
    try {
        if (config.type == "gpt2")
            config.model = gpt2(keys);
        else if (config.type == "llama" || config.type == "mistral" || config.type == "qwen2")
            config.model = llama(keys, config.type);
        else
            keys.refuse_value("model_type", "gpt2, llama, mistral or qwen2");
        validate(config.model);
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
    read_special_tokens(keys, config);
    return config;
}

Json hf_config(const HfConfig& config) {
    Json j;
    if (const auto* gpt = std::get_if<GptConfig>(&config.model)) {
        j = {{"model_type", "gpt2"},
             {"architectures", {"GPT2LMHeadModel"}},
             {"n_layer", gpt->layers},
             {"n_head", gpt->heads},
             {"n_embd", gpt->width},
             {"n_positions", gpt->context},
             {"n_ctx", gpt->context},
             {"n_inner", nullptr},
             {"vocab_size", gpt->vocabulary},
             {"layer_norm_epsilon", 1e-5},
             {"activation_function", "gelu_new"}};
        for (const char* dropout : {"attn_pdrop", "embd_pdrop", "resid_pdrop"})
            j[dropout] = gpt->dropout;
    } else {
        const auto& c = std::get<LlamaConfig>(config.model);
        require((c.qkv_bias == Bias::yes || c.projection_bias == Bias::no) &&
                    (c.qkv_bias == Bias::no || c.window == 0),
                "hf: no Llama, Mistral or Qwen2 has {} (export to npz instead)",
                c.window > 0 ? "a window and biases in attention"
                             : "a bias after attention, but none in the queries, keys and values");
        const bool qwen2 = c.qkv_bias == Bias::yes && c.projection_bias == Bias::no;
        const bool mistral = c.window > 0;
        j = {{"model_type", qwen2     ? "qwen2"
                            : mistral ? "mistral"
                                      : "llama"},
             {"architectures",
              {qwen2     ? "Qwen2ForCausalLM"
               : mistral ? "MistralForCausalLM"
                         : "LlamaForCausalLM"}},
             {"num_hidden_layers", c.layers},
             {"num_attention_heads", c.heads},
             {"num_key_value_heads", c.kv_heads},
             {"head_dim", c.size_of_head()},
             {"hidden_size", c.width},
             {"intermediate_size", c.hidden},
             {"max_position_embeddings", c.context},
             {"vocab_size", c.vocabulary},
             {"rms_norm_eps", c.norm_eps},
             {"rope_theta", c.rotary_base},
             {"hidden_act", "silu"},
             {"tie_word_embeddings", c.tied == Tied::yes}};
        if (!c.rotary_stretch.empty()) j["rope_scaling"] = rope_scaling(c);
        if (mistral) j["sliding_window"] = c.window;
        if (!qwen2 && !mistral) j["attention_bias"] = c.qkv_bias == Bias::yes;
    }
    j["torch_dtype"] = "float32";
    if (config.bos) j["bos_token_id"] = *config.bos;
    if (config.eos.size() == 1) j["eos_token_id"] = config.eos[0];
    if (config.eos.size() > 1) j["eos_token_id"] = config.eos;
    return j;
}

}  // namespace gradus
