// SPDX-License-Identifier: MIT
// Text from a trained model, token by token, for chat and sample.
#include <algorithm>
#include <cstdio>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

constexpr Index kRunningText = 500;  // tokens, unless the model was trained on documents

// Prints tokens as they come, in whole characters and, if it `wraps`, whole words.
class Printer {
 public:
    Printer(const Tokenizer& tokenizer, bool wraps) : stream_(tokenizer), wraps_(wraps) {}
    void operator()(int token) { put(stream_.feed(token)); }
    void finish() {
        put(stream_.finish());
        if (wraps_) print(wrap_.finish(terminal_columns()));
    }
    void end_line() {
        finish();
        put("\n");
    }
    bool line_has_ended() const { return last_ == '\n'; }

 private:
    void put(const std::string& text) {
        print(wraps_ ? wrap_.feed(text, terminal_columns()) : text);
        if (!text.empty()) last_ = text.back();
    }
    static void print(const std::string& text) {
        print_text(stdout, text);
        if (std::fflush(stdout) != 0) throw FileError("standard output", "cannot be written to");
    }
    DecodeStream stream_;
    WordWrap wrap_;
    bool wraps_;
    char last_ = '\n';
};

// Held-out data of the run that the model comes from; throws if there is none.
std::vector<Batch> held_out_data(const TrainedText& trained) {
    require(trained.run.has_value(),
            "the model was not trained here, so there is no held-out data");
    const TextRun& run = *trained.run;
    require_same_file(run);
    const TextData data(run.tokenizer, run.data, run.training.seed);
    return data.validation(false, run.validation_rows(), run.length());
}

// Quantises the model and reports the effect in one line: its size and, on its run's own held-out data,
// its loss. The same text is read before and after, so even a small difference is not chance.
std::string quantise(TrainedText& trained) {
    std::vector<Batch> held_out;
    std::string missing;
    try {
        held_out = held_out_data(trained);
    } catch (const std::exception& error) {
        missing = error.what();
    }
    TextModel& model = trained.model;
    const auto loss = [&] { return evaluate(std::cref(model), held_out).loss; };
    const auto megabytes = [&] { return static_cast<double>(parameter_bytes(model)) / 1e6; };
    const double loss_before = missing.empty() ? loss() : 0, size_before = megabytes();
    model.quantise();
    const std::string size =
        fmt::format("8 bits: {:.2f} MB instead of {:.2f}", megabytes(), size_before);
    if (!missing.empty())
        return fmt::format("{}; the cost in loss cannot be measured: {}", size, missing);
    const double loss_after = loss();
    return fmt::format("{}; held-out loss {:.4f} instead of {:.4f} ({:+.4f}) nats per {}", size,
                       loss_after, loss_before, loss_after - loss_before, trained.words().unit());
}

}  // namespace

TrainedText load_model(const std::string& path, WeightUse use) {
    TrainedText trained = with_progress(terminal_capabilities(false, false), "Loading " + path,
                                        [&] { return load_trained(path, use); });
    if (const std::string name = not_finite(named_parameters(trained.model)); !name.empty())
        fmt::print(stderr, "gradus: warning: {}: tensor \"{}\" holds NaN or infinity\n",
                   trained.run ? in_folder(path, "model.safetensors") : path, name);
    return trained;
}

Writer::Writer(const TextOptions& o, std::string& cost) : options(o) {
    require_valid(o.sampler);
    require(o.tokens.value_or(0) >= 0, "--tokens {}, must not be negative", o.tokens.value_or(0));
    start_threads(o.threads);
    trained = load_model(o.folder, o.int8 ? WeightUse::trainable : WeightUse::mapped);
    trained.words().encode(o.prompt);  // throws for characters the model has never seen
    if (o.int8) cost = quantise(trained);
    if (!hooks().parts) return;
    auto* gpt = std::get_if<Gpt>(&trained.model.any);
    require(trained.run && gpt,
            "{}: was not trained here, and runs on the library's own parts only", o.folder);
    parts = hooks().parts(*gpt, trained.run->training.seed, true);
}

// If texts have an end: with --tokens, a new one begins after each; without --tokens, the first one ends
// it.
bool Writer::write(const std::vector<int>& prompt, Random& random, bool wraps) const {
    const std::vector<int>& stop = trained.stop;
    std::vector<int> ids = trained.opening(prompt);
    Index left = options.tokens.value_or(
        trained.run && !trained.run->stop.empty() ? trained.model.context() : kRunningText);
    Printer printer(trained.words(), wraps);
    for (const int id : prompt) printer(id);
    const LanguageModel cached = parts.writer ? parts.writer() : with_kv_cache(trained.model);
    const auto writes = parts.generate ? parts.generate : &generate;
    while (left > 0) {
        const GenerateOptions how{.context = trained.model.context(),
                                  .tokens = left,
                                  .stop = stop,
                                  .sampler = options.sampler,
                                  .vocabulary = trained.words().size()};
        const auto fresh = writes(cached, ids, how, random, [&](int token) {
            printer(token);
            return !interrupted();
        });
        left -= static_cast<Index>(fresh.size());
        const bool ended =
            !fresh.empty() && std::find(stop.begin(), stop.end(), fresh.back()) != stop.end();
        if (!options.tokens || !ended || interrupted()) break;
        if (trained.words().model().is_special(fresh.back()))  // which prints nothing
            printer.end_line();
        ids = trained.opening({});
    }
    printer.finish();
    return printer.line_has_ended();
}

}  // namespace gradus
