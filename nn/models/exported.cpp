// SPDX-License-Identifier: MIT
#include "nn/models/exported.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/array_tensor.h"
#include "nn/files/datasets/npz.h"
#include "nn/files/tokenizers/gguf_tokenizer.h"
#include "nn/files/tokenizers/tokenizer_json.h"
#include "nn/files/weights/safetensors.h"
#include "nn/models/gguf_config.h"
#include "nn/models/hf_config.h"
#include "nn/models/published_tensors.h"
#include "nn/module.h"
#include "nn/progress.h"
#include "tensor/matmul.h"
#include "tensor/memory_limit.h"

namespace gradus {
namespace {

// llama.cpp's number for a file whose matrices are mostly of this format (its enum llama_ftype).
std::uint32_t file_type(WeightFormat format) {
    switch (format) {
        case WeightFormat::f32:
            return 0;
        case WeightFormat::f16:
            return 1;
        case WeightFormat::q4_0:
            return 2;
        case WeightFormat::q8_0:
            return 7;
        case WeightFormat::bf16:
            return 32;
        case WeightFormat::int8:
            break;
    }
    require(false, "export: GGUF has no format {}", to_string(format));
    return 0;
}

void make_empty_folder(const std::string& folder) {
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error) throw FileError(folder, "cannot create: " + error.message());
    if (!std::filesystem::is_empty(folder, error) || error)
        throw FileError(folder, "is not empty (choose another --out)");
}

// The weights are converted in memory before anything is written.
void require_room(const TextModel& model) {
    const double bytes = sizeof(float) * static_cast<double>(parameter_count(model.config()));
    require_memory(bytes, fmt::format("export: the converted weights take {}", bytes_text(bytes)),
                   "close other programs, or use a machine with more");
}

// Of the time that an export takes.
constexpr double kConverted = 0.3;

std::vector<NamedTensor> converted(const TextModel& model, const PublishedLayout& layout) {
    require_room(model);
    const Progress converting(0, kConverted);
    return published_tensors(model, layout);
}

// What transformers' AutoTokenizer wants to know beside tokenizer.json.
nlohmann::json tokenizer_config(const ExportedModel& what) {
    nlohmann::json config{{"tokenizer_class", "PreTrainedTokenizerFast"},
                          {"model_max_length", what.model.context()},
                          {"clean_up_tokenization_spaces", false}};
    // A token that is not special, such as a line's end, would be added once more, under a new id;
    // config.json has its id.
    const auto name = [&](const char* key, int id) {
        if (what.tokenizer->model().is_special(id)) config[key] = what.tokenizer->token(id);
    };
    if (what.bos) name("bos_token", *what.bos);
    if (!what.eos.empty()) name("eos_token", what.eos[0]);
    return config;
}

}  // namespace

std::string export_hf(const ExportedModel& what, const std::string& folder, WeightFormat format) {
    require(
        format == WeightFormat::f32 || format == WeightFormat::f16 || format == WeightFormat::bf16,
        "export: --to hf has the formats f32, f16 and bf16, not {} (--to gguf has it)",
        to_string(format));
    // Whatever can be refused is, before anything is written.
    std::string tokenizer, left_out;
    try {
        if (what.tokenizer) tokenizer = tokenizer_file_json(*what.tokenizer);
    } catch (const std::invalid_argument& error) {
        left_out = error.what();
    }
    const TextConfig config = what.model.config();
    const std::vector<NamedTensor> tensors = converted(what.model, {hf_names(config), format});
    nlohmann::json described = hf_config({config, "", what.bos, what.eos});
    described["torch_dtype"] = format == WeightFormat::f32   ? "float32"
                               : format == WeightFormat::f16 ? "float16"
                                                             : "bfloat16";
    make_empty_folder(folder);
    const Progress writing(kConverted, 1);
    save_safetensors(folder + "/model.safetensors", tensors, {{"format", "pt"}});
    if (!tokenizer.empty()) {
        write_file(folder + "/tokenizer.json", tokenizer);
        write_file(folder + "/tokenizer_config.json", tokenizer_config(what).dump(2) + "\n");
    }
    write_file(folder + "/config.json", described.dump(2) + "\n");
    return left_out;
}

void export_gguf(const ExportedModel& what, const std::string& path, WeightFormat format) {
    const TextConfig config = what.model.config();
    GgufMetadata metadata = gguf_config(config, what.name);
    metadata.add("general.file_type", file_type(format));
    if (format == WeightFormat::q8_0 || format == WeightFormat::q4_0)
        metadata.add("general.quantization_version", std::uint32_t{2});
    if (what.tokenizer)
        add_gguf_tokenizer(metadata, *what.tokenizer, static_cast<int>(what.model.vocabulary()));
    else
        metadata.add("tokenizer.ggml.model", std::string("none"));
    const RotaryPairs pairs =
        gguf_architecture(config) == "qwen2" ? RotaryPairs::halves : RotaryPairs::adjacent;
    std::vector<NamedTensor> tensors = converted(what.model, {gguf_names(config), format, pairs});
    if (const auto* llama = std::get_if<LlamaConfig>(&config);
        llama && !llama->rotary_stretch.empty()) {
        const std::vector<Real> stretch(llama->rotary_stretch.begin(), llama->rotary_stretch.end());
        tensors.push_back({"rope_freqs.weight", Tensor::from(stretch)});
    }
    const Progress writing(kConverted, 1);
    save_gguf(path, tensors, metadata);
}

void export_npz(const ExportedModel& what, const std::string& path) {
    require_room(what.model);
    std::vector<NamedArray> arrays;
    const auto add = [&](const std::string& name, const Tensor& values) {
        arrays.push_back({name, to_array(values)});
    };
    // parameters() lists them for reading and writing, so it is not const.
    visit_members(const_cast<TextModel&>(what.model), [&](const std::string& name, auto& member) {
        if (!member.defined()) return;
        if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, Variable>) {
            add(name, member.value());
        } else {
            // As a Linear has it, (IN, OUT).
            const Tensor values = values_of(member);
            const bool turned = name.starts_with("block.") && member.layout == WeightLayout::out_in;
            add(name, turned ? transpose_forward(values) : values);
        }
    });
    write_npz(path, arrays);
}

}  // namespace gradus
