// SPDX-License-Identifier: MIT
#include "nn/models/tensor_names.h"

#include <algorithm>

namespace gradus {
namespace {

// GPT-2's Conv1D holds (IN, OUT), as our Linear does; everything else holds (OUT, IN).
const TensorNames kHfGpt{"Hugging Face's GPT-2",
                         WeightLayout::in_out,
                         "h",
                         {{"token", "wte"},
                          {"position", "wpe"},
                          {"norm1", "ln_1"},
                          {"attention.qkv", "attn.c_attn"},
                          {"attention.projection", "attn.c_proj"},
                          {"norm2", "ln_2"},
                          {"mlp.up", "mlp.c_fc"},
                          {"mlp.down", "mlp.c_proj"},
                          {"norm", "ln_f"}},
                         {".attn.bias", ".attn.masked_bias"}};  // the causal mask

const TensorNames kHfLlama{"Hugging Face's Llama",
                           WeightLayout::out_in,
                           "model.layers",
                           {{"token", "model.embed_tokens"},
                            {"norm1", "input_layernorm"},
                            {"attention.q", "self_attn.q_proj"},
                            {"attention.k", "self_attn.k_proj"},
                            {"attention.v", "self_attn.v_proj"},
                            {"attention.projection", "self_attn.o_proj"},
                            {"norm2", "post_attention_layernorm"},
                            {"mlp.gate", "mlp.gate_proj"},
                            {"mlp.up", "mlp.up_proj"},
                            {"mlp.down", "mlp.down_proj"},
                            {"norm", "model.norm"},
                            {"output", "lm_head"}},
                           {".rotary_emb.inv_freq"}};

const TensorNames kGgufGpt{"GGUF's gpt2",
                           WeightLayout::out_in,
                           "blk",
                           {{"token", "token_embd"},
                            {"position", "position_embd"},
                            {"norm1", "attn_norm"},
                            {"attention.qkv", "attn_qkv"},
                            {"attention.projection", "attn_output"},
                            {"norm2", "ffn_norm"},
                            {"mlp.up", "ffn_up"},
                            {"mlp.down", "ffn_down"},
                            {"norm", "output_norm"}}};

const TensorNames kGgufLlama{"GGUF's llama",
                             WeightLayout::out_in,
                             "blk",
                             {{"token", "token_embd"},
                              {"norm1", "attn_norm"},
                              {"attention.q", "attn_q"},
                              {"attention.k", "attn_k"},
                              {"attention.v", "attn_v"},
                              {"attention.projection", "attn_output"},
                              {"norm2", "ffn_norm"},
                              {"mlp.gate", "ffn_gate"},
                              {"mlp.up", "ffn_up"},
                              {"mlp.down", "ffn_down"},
                              {"norm", "output_norm"},
                              {"output", "output"}},
                             {"rope_freqs.weight"}};  // read with the configuration

const TensorNames kMeta{"llama2.c's",
                        WeightLayout::out_in,
                        "layers",
                        {{"token", "tok_embeddings"},
                         {"norm1", "attention_norm"},
                         {"attention.q", "attention.wq"},
                         {"attention.k", "attention.wk"},
                         {"attention.v", "attention.wv"},
                         {"attention.projection", "attention.wo"},
                         {"norm2", "ffn_norm"},
                         {"mlp.gate", "feed_forward.w1"},
                         {"mlp.up", "feed_forward.w3"},
                         {"mlp.down", "feed_forward.w2"},
                         {"norm", "norm"},
                         {"output", "output"}}};

}  // namespace

std::string TensorNames::theirs(const std::string& ours) const {
    std::string prefix, module = ours;
    if (module.starts_with("block.")) {
        const std::size_t dot = module.find('.', 6);
        prefix = std::string(block) + module.substr(5, dot - 4);  // ".3."
        module.erase(0, dot + 1);
    }
    const std::size_t dot = module.rfind('.');  // before "weight" or "bias"
    for (const auto& [here, there] : modules)
        if (module.substr(0, dot) == here) return prefix + std::string(there) + module.substr(dot);
    require(false, "{} names: there is none for {}", format, ours);
    return {};
}

bool TensorNames::ignores(std::string_view name) const {
    return std::any_of(ignored.begin(), ignored.end(),
                       [&](std::string_view end) { return name.ends_with(end); });
}

bool is_linear(const std::string& ours, int rank) {
    return rank == 2 && ours.starts_with("block.");
}

Index turning_heads(const TextConfig& config, const std::string& ours) {
    const auto* llama = std::get_if<LlamaConfig>(&config);
    if (!llama) return 0;
    return ours.find(".attention.q.") != ours.npos   ? llama->heads
           : ours.find(".attention.k.") != ours.npos ? llama->kv_heads
                                                     : 0;
}

const TensorNames& hf_names(const TextConfig& config) {
    return std::holds_alternative<GptConfig>(config) ? kHfGpt : kHfLlama;
}
const TensorNames& gguf_names(const TextConfig& config) {
    return std::holds_alternative<GptConfig>(config) ? kGgufGpt : kGgufLlama;
}
const TensorNames& meta_names() {
    return kMeta;
}

}  // namespace gradus
