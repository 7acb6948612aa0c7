// SPDX-License-Identifier: MIT
#include "nn/models/gguf_config.h"

#include <algorithm>

#include "nn/text/utf8.h"

namespace gradus {
namespace {

// Entries of one architecture: key("block_count") is "llama.block_count".
class Entries {
 public:
    Entries(const GgufFile& file, std::string architecture)
        : file_(file), architecture_(std::move(architecture)) {}

    std::string key(const char* name) const { return architecture_ + "." + name; }
    bool has(const char* name) const { return file_.metadata().contains(key(name)); }
    Index count(const char* name) const {
        const std::int64_t value = file_.metadata().integer(key(name));
        if (value < 1 || value > 0x7FFFFFFF)
            refuse(fmt::format("{} is {}, must be 1 to {}", key(name), value, 0x7FFFFFFF));
        return value;
    }
    Index count_or(const char* name, Index standard) const {
        return has(name) ? count(name) : standard;
    }
    double number(const char* name) const { return file_.metadata().number(key(name)); }
    [[noreturn]] void refuse(const std::string& what) const { throw FileError(file_.path(), what); }

 private:
    const GgufFile& file_;
    std::string architecture_;
};

Index vocabulary_in(const GgufFile& file) {
    const std::vector<Index> shape = file.shape("token_embd.weight");
    if (shape.size() != 2)
        throw FileError(file.path(), "tensor \"token_embd.weight\" must be a matrix");
    return shape[0];
}

GptConfig gpt2(const GgufFile& file, const Entries& entries) {
    GptConfig c{.layers = entries.count("block_count"),
                .heads = entries.count("attention.head_count"),
                .width = entries.count("embedding_length"),
                .context = entries.count("context_length"),
                .vocabulary = vocabulary_in(file)};
    if (const Index inner = entries.count_or("feed_forward_length", 4 * c.width);
        inner != 4 * c.width)
        entries.refuse(fmt::format("{} is {}, must be 4 {} = {}",
                                   entries.key("feed_forward_length"), inner,
                                   entries.key("embedding_length"), 4 * c.width));
    const double eps = entries.number("attention.layer_norm_epsilon");
    if (static_cast<float>(eps) != static_cast<float>(kNormEps))
        entries.refuse(fmt::format("{} is {}; only {} is known here",
                                   entries.key("attention.layer_norm_epsilon"), eps, kNormEps));
    return c;
}

// Llama 3 has a tensor with a factor for each pair, everything else one for all.
std::vector<double> rotary_stretch(const GgufFile& file, const Entries& entries, Index pairs) {
    const std::string type = entries.has("rope.scaling.type")
                                 ? file.metadata().text(entries.key("rope.scaling.type"))
                                 : "linear";
    if (type != "none" && type != "linear")
        entries.refuse(fmt::format("{} is {} (known: none, linear)",
                                   entries.key("rope.scaling.type"), in_quotes(type)));
    std::vector<double> stretch;
    if (file.contains("rope_freqs.weight")) {
        const Tensor values = file.tensor("rope_freqs.weight");
        for (Index i = 0; i < values.count(); ++i)
            stretch.push_back(static_cast<double>(values[i]));
    }
    for (const char* name : {"rope.scaling.factor", "rope.scale_linear"}) {
        if (type == "none" || !entries.has(name)) continue;
        stretch.resize(static_cast<std::size_t>(pairs), 1);
        const double scale = entries.number(name);  // 0: none
        for (double& factor : stretch) factor *= scale == 0 ? 1 : scale;
        break;
    }
    return stretch;
}

LlamaConfig llama(const GgufFile& file, const Entries& entries, bool halves) {
    LlamaConfig c{.layers = entries.count("block_count"),
                  .heads = entries.count("attention.head_count"),
                  .width = entries.count("embedding_length"),
                  .hidden = entries.count("feed_forward_length"),
                  .context = entries.count("context_length"),
                  .vocabulary = vocabulary_in(file),
                  .norm_eps = entries.number("attention.layer_norm_rms_epsilon"),
                  .rotary_pairs = halves ? RotaryPairs::halves : RotaryPairs::adjacent};
    c.kv_heads = entries.count_or("attention.head_count_kv", c.heads);
    if (entries.has("attention.key_length")) c.head_size = entries.count("attention.key_length");
    if (entries.has("rope.freq_base")) c.rotary_base = entries.number("rope.freq_base");
    if (file.contains("blk.0.attn_q.bias")) c.qkv_bias = Bias::yes;
    if (file.contains("blk.0.attn_output.bias")) c.projection_bias = Bias::yes;
    if (!file.contains("output.weight")) c.tied = Tied::yes;
    c.validate();  // before its head size is used
    for (const char* name : {"attention.value_length", "rope.dimension_count"})
        if (const Index size = entries.count_or(name, c.size_of_head()); size != c.size_of_head())
            entries.refuse(fmt::format("{} is {}, must be the size of a head, {}",
                                       entries.key(name), size, c.size_of_head()));
    c.rotary_stretch = rotary_stretch(file, entries, c.size_of_head() / 2);
    return c;
}

}  // namespace

GgufConfig read_gguf_config(const GgufFile& file) {
    GgufConfig config{.model = {}, .architecture = file.metadata().text("general.architecture")};
    const Entries entries(file, config.architecture);
    try {
        if (config.architecture == "gpt2")
            config.model = gpt2(file, entries);
        else if (config.architecture == "llama" || config.architecture == "qwen2")
            config.model = llama(file, entries, config.architecture == "qwen2");
        else
            entries.refuse(fmt::format("general.architecture is {} (known: gpt2, llama, qwen2)",
                                       in_quotes(config.architecture)));
        validate(config.model);
    } catch (const std::invalid_argument& error) {
        throw FileError(file.path(), error.what());
    }
    return config;
}

std::string gguf_architecture(const TextConfig& config) {
    const auto* llama = std::get_if<LlamaConfig>(&config);
    if (!llama) return "gpt2";
    require(llama->window == 0 || llama->window >= llama->context,
            "gguf: llama.cpp has no window of {} positions for a model of this shape",
            llama->window);
    const bool biases = llama->qkv_bias == Bias::yes && llama->projection_bias == Bias::no;
    return biases && llama->rotary_stretch.empty() ? "qwen2" : "llama";
}

GgufMetadata gguf_config(const TextConfig& config, const std::string& name) {
    GgufMetadata metadata("gguf");
    const std::string architecture = gguf_architecture(config);
    metadata.add("general.architecture", architecture);
    metadata.add("general.type", std::string("model"));
    if (!name.empty()) metadata.add("general.name", name);
    const auto count = [&](const char* key, Index value) {
        metadata.add(architecture + "." + key, static_cast<std::uint32_t>(value));
    };
    const auto number = [&](const char* key, double value) {
        metadata.add(architecture + "." + key, static_cast<float>(value));
    };
    std::visit(
        [&](const auto& c) {
            count("block_count", c.layers);
            count("context_length", c.context);
            count("embedding_length", c.width);
            count("attention.head_count", c.heads);
            count("vocab_size", c.vocabulary);
        },
        config);
    if (const auto* gpt = std::get_if<GptConfig>(&config)) {
        count("feed_forward_length", 4 * gpt->width);
        number("attention.layer_norm_epsilon", 1e-5);
        return metadata;
    }
    const auto& c = std::get<LlamaConfig>(config);
    count("feed_forward_length", c.hidden);
    count("attention.head_count_kv", c.kv_heads);
    count("attention.key_length", c.size_of_head());
    count("attention.value_length", c.size_of_head());
    count("rope.dimension_count", c.size_of_head());
    number("attention.layer_norm_rms_epsilon", c.norm_eps);
    number("rope.freq_base", c.rotary_base);
    return metadata;
}

}  // namespace gradus
