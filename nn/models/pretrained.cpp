// SPDX-License-Identifier: MIT
#include "nn/models/pretrained.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <numeric>
#include <set>

#include "nn/files/tensor_name.h"
#include "nn/files/tokenizers/gguf_tokenizer.h"
#include "nn/files/weights/gguf.h"
#include "nn/files/weights/llama2c.h"
#include "nn/files/weights/sharded_safetensors.h"
#include "nn/models/gguf_config.h"
#include "nn/models/hf_config.h"
#include "nn/models/published_tensors.h"
#include "nn/progress.h"
#include "nn/stored_weights.h"
#include "tensor/matmul.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

// Checked before the model is created: a wrong size in a configuration must not allocate terabytes. Of
// a model up to twice as large as the file, the tensors that are missing will be named.
void require_enough(const WeightFile& file, const TextConfig& config) {
    Index there = 0;
    for (const std::string& name : file.names()) {
        const std::vector<Index> shape = file.shape(name);
        there += std::accumulate(shape.begin(), shape.end(), Index{1}, std::multiplies<>());
    }
    if (const Index needed = parameter_count(config); there < needed / 2)
        throw FileError(file.path(),
                        fmt::format("holds {} values, the model that is described beside "
                                    "it has {} parameters",
                                    there, needed));
}

class Loader {
 public:
    Loader(const WeightFile& file, const TextConfig& there, const TextConfig& here,
           const TensorNames& names)
        : file_(file), there_(there), here_(here), names_(names) {
        // What state_dict() says, and what is published without it.
        if (const std::string first = names.theirs("token.weight");
            !file.contains(first) && file.contains("transformer." + first))
            prefix_ = "transformer.";
    }

    void operator()(const std::string& ours, Variable& parameter) {
        Tensor values = file_.tensor(take(ours));
        const bool turned = is_linear(ours, values.rank()) && names_.linear == WeightLayout::out_in;
        require_shape(ours, parameter.shape(), turned);
        if (const Index heads = turning_heads(here_, ours); heads > 0)
            values = reordered(values, heads, std::get<LlamaConfig>(there_).rotary_pairs,
                               std::get<LlamaConfig>(here_).rotary_pairs);
        parameter.value().copy_from(turned ? transpose_forward(values) : values);
    }
    void operator()(const std::string& ours, StoredWeight& weight) {
        const std::string name = take(ours);
        if (!is_linear(ours, 2) || names_.linear == weight.layout)
            weight = file_.stored(name, weight.shape(), weight.layout);
        else
            weight = file_.stored(name, {weight.out(), weight.in()}, WeightLayout::out_in);
    }

    // Throws for tensors that nothing has asked for: another model's, or a part that is not known here.
    void require_all_used(const TextModel& model) const {
        for (const std::string& name : file_.names()) {
            if (used_.contains(name) || names_.ignores(name)) continue;
            if (is_output(name)) {
                require_tied(name);
                continue;
            }
            throw FileError(
                file_.path(),
                fmt::format("tensor {} is not part of a {} model of {} layers", quoted_name(name),
                            architecture_of(model.config()), model.layers()));
        }
    }

 private:
    std::string take(const std::string& ours) {
        std::string name = prefix_ + names_.theirs(ours);
        used_.insert(name);
        return name;
    }

    void require_shape(const std::string& ours, const Shape& here, bool turned) const {
        const std::string name = prefix_ + names_.theirs(ours);
        const std::vector<Index> there = file_.shape(name);
        std::vector<Index> needed(here.begin(), here.end());
        if (turned) std::swap(needed[0], needed[1]);
        if (there != needed)
            throw FileError(file_.path(),
                            fmt::format("tensor {} has shape {}, the model needs {}",
                                        quoted_name(name), Shape(there), Shape(needed)));
    }

    // A file may repeat the token embedding as the output layer.
    bool is_output(const std::string& name) const {
        return name == "lm_head.weight" || name == "output.weight";
    }
    void require_tied(const std::string& name) const {
        const std::string token = prefix_ + names_.theirs("token.weight");
        const Tensor a = file_.tensor(name), b = file_.tensor(token);
        if (!(a.shape() == b.shape()) || !std::equal(a.data(), a.data() + a.count(), b.data()))
            throw FileError(
                file_.path(),
                fmt::format("tensor {} differs from {}, but this model's output layer is "
                            "its token embedding",
                            quoted_name(name), quoted_name(token)));
    }

    const WeightFile& file_;
    const TextConfig &there_, &here_;  // as the file has it, and as the model shall have it
    const TensorNames& names_;
    std::string prefix_;
    std::set<std::string> used_;
};

Pretrained load_hf(const std::string& folder, WeightUse use) {
    const HfConfig config = read_hf_config(folder + "/config.json");
    const std::unique_ptr<WeightFile> file = open_safetensors(folder);
    return {load_named(*file, config.model, hf_names(config.model), use),
            fmt::format("{} in safetensors", config.type), config.bos, config.eos};
}

Pretrained load_gguf(const std::string& path, WeightUse use) {
    const GgufFile file(path);
    const GgufConfig config = read_gguf_config(file);
    Pretrained loaded{load_named(file, config.model, gguf_names(config.model), use),
                      fmt::format("{} in GGUF", config.architecture),
                      {},
                      {},
                      read_gguf_tokenizer(file.metadata(), path)};
    const Index V = vocabulary_of(config.model);
    const auto token = [&](const char* key) -> std::optional<int> {
        if (!file.metadata().contains(key)) return {};
        const std::int64_t id = file.metadata().integer(key);
        if (id < 0 || id >= V)
            throw FileError(path,
                            fmt::format("{} is {}, must be a token, 0 to {}", key, id, V - 1));
        return static_cast<int>(id);
    };
    loaded.bos = token("tokenizer.ggml.bos_token_id");
    for (const char* key : {"tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"})
        if (const auto id = token(key)) loaded.eos.push_back(*id);
    return loaded;
}

LlamaConfig config_of(const Llama2cFile& file) {
    const Llama2cConfig& sizes = file.config();
    return {.layers = sizes.layers,
            .heads = sizes.heads,
            .kv_heads = sizes.kv_heads,
            .width = sizes.width,
            .hidden = sizes.hidden,
            .context = sizes.context,
            .vocabulary = sizes.vocabulary,
            .rotary_pairs = RotaryPairs::adjacent,
            .tied = file.contains("output.weight") ? Tied::no : Tied::yes};
}

Pretrained load_llama2c(const std::string& path, WeightUse use) {
    const Llama2cFile file(path);
    const LlamaConfig config = config_of(file);
    try {
        config.validate();
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
    // run.c: a text begins with token 1, and ends before the next 1; 2 is the end in its tokenizers.
    return {load_named(file, config, meta_names(), use), "llama in llama2.c's format", 1, {2, 1}};
}

}  // namespace

TextModel load_named(const WeightFile& file, const TextConfig& config, const TensorNames& names,
                     WeightUse use) {
    require_enough(file, config);
    const double bytes = sizeof(Real) * static_cast<double>(parameter_count(config));
    if (use == WeightUse::trainable)
        require_memory(bytes,
                       fmt::format("{}: {} parameters take {}", file.path(),
                                   parameter_count(config), bytes_text(bytes)),
                       "close other programs, or use a machine with more");
    TextConfig here = config;
    if (auto* llama = std::get_if<LlamaConfig>(&here); llama && use == WeightUse::trainable)
        llama->rotary_pairs = RotaryPairs::halves;
    TextModel model(here, Initialiser::none());
    if (use == WeightUse::mapped) visit_stores(model, [](auto& layer) { layer.unload(); });
    Loader load(file, config, here, names);
    double done = 0;
    visit_members(model, [&](const std::string& name, auto& member) {
        if (!member.defined()) return;
        load(name, member);
        Progress::report((done += static_cast<double>(member.shape().count())) /
                         static_cast<double>(parameter_count(config)));
    });
    load.require_all_used(model);
    return model;
}

bool is_pretrained(const std::string& path) {
    std::error_code ignored;
    return path.ends_with(".gguf") || path.ends_with(".bin") ||
           std::filesystem::exists(path + "/config.json", ignored);
}

Pretrained load_pretrained(const std::string& path, WeightUse use) {
    if (path.ends_with(".gguf")) return load_gguf(path, use);
    if (path.ends_with(".bin")) return load_llama2c(path, use);
    return load_hf(path, use);
}

}  // namespace gradus
