// SPDX-License-Identifier: MIT
#include "nn/models/published_tensors.h"

#include <algorithm>

#include "nn/module.h"
#include "nn/progress.h"
#include "tensor/blocks_of_32.h"
#include "tensor/matmul.h"

namespace gradus {
namespace {

class Publisher {
 public:
    Publisher(const TextModel& model, const PublishedLayout& layout)
        : config_(model.config()), layout_(layout) {
        if (const auto* llama = std::get_if<LlamaConfig>(&config_)) pairs_ = llama->rotary_pairs;
    }

    void operator()(const std::string& ours, const Variable& parameter) {
        add(ours, parameter.value(), WeightLayout::in_out);
    }
    void operator()(const std::string& ours, const StoredWeight& weight) {
        add(ours, values_of(weight), weight.layout);
    }
    void zeros(const std::string& ours, Index size) { add(ours, Tensor({size}), {}); }
    std::vector<NamedTensor> take() { return std::move(list_); }

 private:
    // layout: of a linear layer's matrix.
    void add(const std::string& ours, Tensor values, WeightLayout layout) {
        const std::string theirs = layout_.names.theirs(ours);
        const bool linear = is_linear(ours, values.rank());
        if (const Index heads = turning_heads(config_, ours);
            heads > 0 && pairs_ != layout_.pairs) {
            if (linear && layout == WeightLayout::in_out) values = transpose_forward(values);
            if (linear) layout = WeightLayout::out_in;
            values = reordered(values, heads, pairs_, layout_.pairs);
        }
        if (linear && layout != layout_.names.linear) values = transpose_forward(values);
        if (values.rank() == 1)
            list_.push_back({theirs, values});
        else
            list_.push_back(
                {theirs, {}, store(values, format_of(ours, values), WeightLayout::out_in)});
    }
    WeightFormat format_of(const std::string& ours, const Tensor& values) const {
        if (ours.starts_with("position.")) return WeightFormat::f32;
        const bool blocks =
            layout_.format == WeightFormat::q8_0 || layout_.format == WeightFormat::q4_0;
        return blocks && values.size(1) % kBlockOf32 != 0 ? WeightFormat::f16 : layout_.format;
    }

    const TextConfig config_;
    const PublishedLayout& layout_;
    RotaryPairs pairs_ = RotaryPairs::halves;
    std::vector<NamedTensor> list_;
};

void add_missing_biases(Publisher& publish, const GptConfig& config) {
    if (config.bias == Bias::yes) return;
    const Index C = config.width;
    for (Index i = 0; i < config.layers; ++i) {
        const std::string block = "block." + std::to_string(i) + '.';
        publish.zeros(block + "norm1.bias", C);
        publish.zeros(block + "attention.qkv.bias", 3 * C);
        publish.zeros(block + "attention.projection.bias", C);
        publish.zeros(block + "norm2.bias", C);
        publish.zeros(block + "mlp.up.bias", 4 * C);
        publish.zeros(block + "mlp.down.bias", C);
    }
    publish.zeros("norm.bias", C);
}

}  // namespace

std::vector<NamedTensor> published_tensors(const TextModel& model, const PublishedLayout& layout) {
    Publisher publish(model, layout);
    double done = 0;
    const auto all = static_cast<double>(parameter_count(model.config()));
    // parameters() lists them for reading and writing, so it is not const.
    visit_members(const_cast<TextModel&>(model), [&](const std::string& name, auto& member) {
        if (!member.defined()) return;
        publish(name, member);
        Progress::report((done += static_cast<double>(member.shape().count())) / all);
    });
    if (const auto* gpt = std::get_if<Gpt>(&model.any)) add_missing_biases(publish, gpt->config);
    return publish.take();
}

Tensor reordered(const Tensor& rows, Index heads, RotaryPairs from, RotaryPairs to) {
    const Index HS = rows.size(0) / heads, half = HS / 2, size = rows.count() / rows.size(0);
    if (from == to) return rows;
    const Tensor result = Tensor::empty(rows.shape());
    for (Index h = 0; h < heads; ++h)
        for (Index i = 0; i < HS; ++i) {
            // Number i of a head in halves is number 2i, or 2 (i - half) + 1, in adjacent pairs.
            const Index other = i < half ? 2 * i : 2 * (i - half) + 1;
            const Index source = from == RotaryPairs::halves ? i : other,
                        target = from == RotaryPairs::halves ? other : i;
            std::copy_n(rows.data() + (h * HS + source) * size, size,
                        result.data() + (h * HS + target) * size);
        }
    return result;
}

}  // namespace gradus
