// SPDX-License-Identifier: MIT
// Models in the names and layouts of other software, and back: the same logits, whatever their options.
#include "nn/models/published_tensors.h"

#include <doctest/doctest.h>

#include <cmath>
#include <set>

#include "nn/files/weights/safetensors.h"
#include "nn/models/pretrained.h"
#include "nn/stored_weights.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/small_gpt.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

std::vector<TextConfig> configs() {
    const GptConfig gpt{.layers = 2, .heads = 2, .width = 32, .context = 9, .vocabulary = 7};
    GptConfig unbiased = gpt;
    unbiased.bias = Bias::no;
    const LlamaConfig llama{.layers = 2,
                            .heads = 4,
                            .kv_heads = 2,
                            .width = 32,
                            .hidden = 64,
                            .context = 9,
                            .vocabulary = 7};
    LlamaConfig other = llama;
    other.head_size = 16, other.qkv_bias = Bias::yes, other.tied = Tied::yes;
    LlamaConfig adjacent = llama;
    adjacent.rotary_pairs = RotaryPairs::adjacent;
    adjacent.qkv_bias = adjacent.projection_bias = Bias::yes;
    return {gpt, unbiased, llama, other, adjacent};
}

double difference(const TextModel& a, const TextModel& b) {
    const NoGrad guard;
    const Tokens ids = random_tokens({2, 9}, 7, 3);
    const Tensor x = a(ids).value(), y = b(ids).value();
    double worst = 0;
    for (Index i = 0; i < x.count(); ++i) worst = std::max(worst, std::abs(double(x[i] - y[i])));
    return worst;
}

TextModel loud(const TextConfig& config) {
    TextModel model(config, Initialiser(1));
    for (const auto& p : named_parameters(model))
        for (Index i = 0; i < p.variable.value().count(); ++i) p.variable.value()[i] *= 8;
    return model;
}

}  // namespace

TEST_CASE("a model that is published and loaded gives the same logits, in every layout") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("model.safetensors");
    for (const TextConfig& config : configs()) {
        const TextModel model = loud(config);
        for (const TensorNames* names : {&hf_names(config), &gguf_names(config)})
            for (const RotaryPairs pairs : {RotaryPairs::halves, RotaryPairs::adjacent}) {
                save_safetensors(path,
                                 published_tensors(model, {*names, WeightFormat::f32, pairs}));
                TextConfig there = config;
                if (auto* gpt = std::get_if<GptConfig>(&there)) gpt->bias = Bias::yes;
                if (auto* llama = std::get_if<LlamaConfig>(&there)) llama->rotary_pairs = pairs;
                for (const WeightUse use : {WeightUse::mapped, WeightUse::trainable}) {
                    TextModel again = load_named(SafetensorsFile(path), there, *names, use);
                    CHECK(difference(model, again) < 1e-4);
                    // And once more, from a model whose matrices are in a file.
                    const auto back = published_tensors(again, {*names, WeightFormat::f32, pairs});
                    CHECK(std::ssize(back) == std::ssize(published_tensors(model, {*names})));
                }
            }
    }
}

TEST_CASE("the wrong order of queries and keys is another model") {
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("model.safetensors");
    const TextConfig config = configs()[2];
    const TextModel model = loud(config);
    save_safetensors(path, published_tensors(model, {hf_names(config), WeightFormat::f32,
                                                     RotaryPairs::adjacent}));
    CHECK(difference(model, load_named(SafetensorsFile(path), config, hf_names(config),
                                       WeightUse::mapped)) > 0.1);
}

TEST_CASE("a head's numbers go from halves to adjacent pairs and back") {
    const Tensor rows = Tensor::from({8, 1}, {0, 1, 2, 3, 10, 11, 12, 13});
    const Tensor pairs = reordered(rows, 2, RotaryPairs::halves, RotaryPairs::adjacent);
    CHECK(pairs.to_vector() == std::vector<Real>{0, 2, 1, 3, 10, 12, 11, 13});
    CHECK(same_bits(reordered(pairs, 2, RotaryPairs::adjacent, RotaryPairs::halves), rows));
}

TEST_CASE("matrices take the format that is asked for, vectors and positions stay floats") {
    for (const TextConfig& config : configs())
        for (const WeightFormat format :
             {WeightFormat::f16, WeightFormat::bf16, WeightFormat::q8_0, WeightFormat::q4_0}) {
            const auto list = published_tensors(loud(config), {gguf_names(config), format});
            std::set<std::string> names;
            for (const NamedTensor& t : list) {
                CAPTURE(t.name);
                names.insert(t.name);
                const bool matrix = t.stored.defined();
                CHECK(matrix ==
                      (t.name.find("norm") == t.name.npos && t.name.find("bias") == t.name.npos));
                if (matrix)
                    CHECK(t.stored.format ==
                          (t.name.starts_with("position") ? WeightFormat::f32 : format));
            }
            CHECK(names.size() == list.size());
        }
    GptConfig odd{.layers = 1, .heads = 1, .width = 33, .context = 4, .vocabulary = 5};
    for (const NamedTensor& t : published_tensors(loud(odd), {gguf_names(odd), WeightFormat::q8_0}))
        if (t.name == "blk.0.attn_qkv.weight") CHECK(t.stored.format == WeightFormat::f16);
}

TEST_CASE("every parameter of every model has a name in each naming, and no two have the same") {
    for (const TextConfig& config : configs()) {
        TextModel model(config, Initialiser(1));
        std::vector<const TensorNames*> namings = {&hf_names(config), &gguf_names(config)};
        if (std::holds_alternative<LlamaConfig>(config)) namings.push_back(&meta_names());
        for (const TensorNames* names : namings) {
            std::set<std::string> seen;
            for (const auto& p : named_parameters(model)) seen.insert(names->theirs(p.name));
            CHECK(seen.size() == named_parameters(model).size());
        }
    }
    CHECK_THROWS_WITH_AS(meta_names().theirs("block.0.lora.weight"),
                         "llama2.c's names: there is none for block.0.lora.weight",
                         std::invalid_argument);
}
