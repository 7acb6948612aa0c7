// SPDX-License-Identifier: MIT
// The task of training a language model on text, for fit().
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "autograd/cross_entropy.h"
#include "nn/data/bits_per_byte.h"
#include "nn/files/tokenizers/run_vocabulary.h"
#include "nn/generate/generate.h"
#include "nn/generate/kv_cache.h"
#include "nn/look/pictures.h"
#include "nn/run/presets.h"
#include "nn/run/text_run.h"
#include "tensor/memory.h"

namespace gradus {
namespace {

constexpr int kSampleTokens = 130;     // of the sample shown at each evaluation
constexpr std::size_t kLookedAt = 12;  // tokens of the prompt whose attention is shown
constexpr std::size_t kHeads = 36;     // whose attention is shown, at most
constexpr std::size_t kLikeliest = 6;  // next tokens shown as bars

class TextTask {
 public:
    TextTask(TextRun& run, const TextModel& model, TextData& data, std::function<bool()> stop,
             TextParts parts)
        : run_(run),
          model_(model),
          data_(data),
          stop_(std::move(stop)),
          parts_(std::move(parts)),
          quick_(data.validation(false, run_.validation_rows(), run.length())) {}

    Variable loss(Index step, Index micro_batch) {
        const auto number =
            static_cast<std::uint64_t>(step * run_.training.accumulate + micro_batch);
        const Batch batch = data_.batch(number, run_.batch, run_.length());
        tokens_ += std::count_if(batch.targets.id.begin(), batch.targets.id.end(),
                                 [](int id) { return id >= 0; });  // without the padding
        return parts_.loss ? parts_.loss(forward(), batch)
                           : cross_entropy(forward()(batch.inputs), batch.targets);
    }

    Index tokens() { return std::exchange(tokens_, 0); }

    Evaluation evaluate(Effort effort) const {
        const LanguageModel model = stoppable(forward());
        if (effort == Effort::full) trim_memory();  // its batches have other sizes
        const std::vector<Batch> batches =
            effort == Effort::quick ? quick_
                                    : data_.validation(true, run_.validation_rows(), run_.length());
        Evaluation found = gradus::evaluate(model, batches);
        found.bytes = target_bytes(batches, run_.tokenizer);
        if (!std::isfinite(found.loss))
            throw NotFiniteError(fmt::format(
                "gpt: the loss on held-out data is not finite: training at a learning rate of {} "
                "has diverged (a smaller --lr, or more --warmup)",
                run_.training.lr));
        return found;
    }

    // Always the same prompt and the same random numbers, so that only the model changes.
    std::string sample() const {
        Random random(run_.training.seed, Stream::sampling);
        const GenerateOptions options{.context = model_.context(),
                                      .tokens = kSampleTokens,
                                      .stop = run_.eos(),
                                      .vocabulary = run_.tokenizer.size()};
        // Decoded as a whole: some tokenizers leave out the space before a text.
        std::vector<int> ids = run_.tokenizer.encode(run_.prompt);
        const std::vector<int> fresh = generate(stoppable(writer()), prompt(), options, random);
        ids.insert(ids.end(), fresh.begin(), fresh.end());
        std::string text = run_.tokenizer.decode(ids);
        if (!text.empty() && text.back() == '\n') text.pop_back();
        for (char& c : text) c = c == '\n' ? ' ' : c;
        return text;
    }

    // Pictures of the inside of the model as it reads the prompt or, for running text, whose prompt
    // is a single character, the beginning of the held-out data.
    std::vector<Drawing> pictures() const {
        std::vector<int> ids = data_.source() ? prompt() : quick_[0].inputs.id;
        ids.resize(std::min({ids.size(), kLookedAt, static_cast<std::size_t>(model_.context())}));
        const Reading reading = read_text(model_, run_.tokenizer, ids, true);
        const BarChart next = next_bars(reading, kLikeliest);
        HeatMaps attention = attention_maps(reading, reading.tokens());
        std::string text;
        for (Index t = 0; t < reading.tokens(); ++t) text += reading.label_at(t);
        attention.caption.title = "What each head attends to while reading: " + text;
        if (const std::size_t heads = attention.maps.size(); heads > kHeads) {
            attention.maps.resize(kHeads);
            attention.caption.look_for +=
                fmt::format(" These are the first {} of {} heads.", kHeads, heads);
        }
        return {drawing(next), drawing(attention)};
    }

    // Generates documents without a prompt and checks them against the rules.
    Finding check_documents() const {
        const std::vector<int> start = run_.tokenizer.encode("\n");
        const GenerateOptions options{.context = model_.context(),
                                      .tokens = model_.context(),
                                      .stop = start,
                                      .vocabulary = run_.tokenizer.size()};
        Index right = 0;
        std::string first_fault;
        for (const auto& ids : generate_many(stoppable(writer()), start, kCheckedDocuments, options,
                                             run_.training.seed)) {
            const auto faults = data_.source()->violations(run_.tokenizer.decode(ids));
            right += faults.empty();
            if (!faults.empty() && first_fault.empty()) first_fault = faults[0];
        }
        const std::string items = data_.source()->items();
        return {fmt::format("{} new {}: {} keep every rule{}", kCheckedDocuments, items, right,
                            first_fault.empty() ? "." : "; one fault: " + first_fault),
                fmt::format("checked {}={} right={}", items, kCheckedDocuments, right)};
    }

 private:
    LanguageModel forward() const { return parts_.model ? parts_.model : std::cref(model_); }
    LanguageModel writer() const { return parts_.writer ? parts_.writer() : with_kv_cache(model_); }

    std::vector<int> prompt() const { return run_.opening(run_.prompt); }

    // The model, given up before its next call if the run is to stop.
    LanguageModel stoppable(const LanguageModel& model) const {
        return [this, model](const Tokens& ids) {
            if (stop_ && stop_()) throw Stopped();
            return model(ids);
        };
    }

    const TextRun& run_;
    const TextModel model_;  // shares the parameters
    TextData& data_;
    std::function<bool()> stop_;
    TextParts parts_;
    std::vector<Batch> quick_;
    Index tokens_ = 0;  // since the last call of tokens()
};

std::vector<std::string> introduction(const TextRun& run, const TextModel& m,
                                      const TextData& data) {
    const auto plural = [](Index n, const char* what) {
        return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
    };
    const std::string name = architecture_of(run.model) == "gpt" ? "a GPT" : "a Llama";
    return {fmt::format("{}: {}, {}, width {}, {} parameters.",
                        run.init.empty() ? "Training " + name + " from scratch"
                                         : "Fine-tuning " + name + ", " + run.init,
                        plural(m.layers(), "layer"), plural(m.heads(), "head"), m.width(),
                        parameter_count(run.model)),
            fmt::format("Data: {}.", data.describe())};
}

}  // namespace

Task text_task(TextRun& run, const TextModel& model, TextData& data,
               const std::function<bool()>& stop, const TextParts& parts) {
    const auto text = std::make_shared<TextTask>(run, model, data, stop, parts);
    Task task;
    task.name = std::filesystem::path(run.data).filename().string() + ", " + run.preset;
    task.unit = "nats per " + run.tokenizer.unit();
    task.item = "tok";
    task.loss = [text](Index step, Index micro_batch) { return text->loss(step, micro_batch); };
    task.items = [text] { return text->tokens(); };
    task.evaluate = [text](Effort effort) { return text->evaluate(effort); };
    task.full_effort = data.full_effort();
    task.sample = [text] { return text->sample(); };
    task.pictures = [text] { return text->pictures(); };
    if (data.source()) task.examine = [text] { return text->check_documents(); };
    task.uniform_baseline = data.uniform_baseline();
    task.trained = !run.init.empty();
    task.bigram_baseline = data.bigram_baseline();
    task.floor = data.floor();
    task.floor_bits_per_byte = data.floor_bits_per_byte();
    task.band = reference_band(run, data, data.source() ? data.floor() : task.bigram_baseline);
    task.introduction = introduction(run, model, data);
    task.key_values =
        fmt::format("data={} vocabulary={} uniform_baseline={:.4f} bigram_baseline={}", run.data,
                    vocabulary_of(run.model), task.uniform_baseline,
                    task.bigram_baseline < 0 ? "-" : fmt::format("{:.4f}", task.bigram_baseline));
    task.command = command_of(run);
    task.sections = run.sections();
    task.save = [&run](nlohmann::json& json) {
        json["vocabulary"] = vocabulary_json(run.tokenizer);
        if (const std::string name = architecture_of(run.model); name != "gpt")
            json["architecture"] = name;
    };
    return task;
}

}  // namespace gradus
