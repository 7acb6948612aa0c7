// SPDX-License-Identifier: MIT
// config.json, and the configuration and tokenizer in GGUF's metadata.
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/tokenizers/gguf_tokenizer.h"
#include "nn/models/gguf_config.h"
#include "nn/models/hf_config.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

namespace {

std::string gpt2() {
    return hf_config({GptConfig{.layers = 1, .heads = 2, .width = 8}, "", 1, {2, 3}}).dump();
}

std::string stretched_llama() {
    LlamaConfig config{.layers = 1, .heads = 2, .kv_heads = 1, .width = 8, .hidden = 9};
    config.rotary_stretch = {1, 2};
    return hf_config({config, "", {}, {}}).dump();
}

}  // namespace

static const fuzz::Reader hf_config_reader(
    "hf_config",
    [](std::string_view bytes) {
        const HfConfig config = read_hf_config(fuzz::file("config.json", bytes));
        fuzz::check(parameter_count(config.model) > 0, "parameters");
        fuzz::check(read_hf_config(fuzz::file("again.json", hf_config(config).dump())).type != "",
                    "written and read again");
    },
    {gpt2(), stretched_llama(),
     R"({"model_type":"llama","num_hidden_layers":1,"num_attention_heads":2,"hidden_size":8,)"
     R"("intermediate_size":9,"vocab_size":7,"rope_scaling":{"rope_type":"llama3","factor":8,)"
     R"("low_freq_factor":1,"high_freq_factor":4,"original_max_position_embeddings":9}})"});

static const fuzz::Reader gguf_model_reader(
    "gguf_model",
    [](std::string_view bytes) {
        const GgufFile file(fuzz::file("model.gguf", bytes));
        if (const auto words = read_gguf_tokenizer(file.metadata(), "model.gguf"))
            words->encode("the cat, 猫 <s>");
        read_gguf_config(file);
    },
    [] {
        std::vector<std::string> seeds;
        for (const TextConfig& config :
             {TextConfig(GptConfig{.layers = 1, .heads = 2, .width = 8}),
              TextConfig(LlamaConfig{.layers = 1, .heads = 2, .kv_heads = 1, .width = 8})}) {
            GgufMetadata metadata = gguf_config(config, "m");
            add_gguf_tokenizer(metadata, Tokenizer::bpe(Bpe({{'t', 'h'}, {256, 'e'}})));
            const std::string path = fuzz::folder() + "/seed.gguf";
            save_gguf(path, {{"token_embd.weight", Tensor({258, 8})}}, metadata);
            seeds.push_back(read_file(path));
        }
        return seeds;
    }());
