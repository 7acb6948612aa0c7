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

// Stores the weights in 8 bits, if asked to, and says in a line each what that and a smaller KV cache cost:
// the size and, on the run's own held-out data, the loss. The same text is read before and after, so even
// a small difference is not chance.
std::string make_smaller(TrainedText& trained, const TextOptions& o) {
    std::vector<Batch> held_out;
    std::string missing;
    try {
        held_out = held_out_data(trained);
    } catch (const std::exception& error) {
        missing = error.what();
    }
    TextModel& model = trained.model;
    const auto loss = [&](const LanguageModel& m) {
        return missing.empty() ? evaluate(m, held_out).loss : 0;
    };
    const auto megabytes = [](Index bytes) { return static_cast<double>(bytes) / 1e6; };
    std::string report;
    const auto add = [&](const std::string& what, double size, double size_before, double now,
                         double before) {
        report += fmt::format(
            "{}{}: {:.2f} MB instead of {:.2f}; {}", report.empty() ? "" : "\n", what, size,
            size_before,
            missing.empty()
                ? fmt::format("held-out loss {:.4f} instead of {:.4f} ({:+.4f}) nats per {}", now,
                              before, now - before, trained.words().unit())
                : "the cost in loss cannot be measured: " + missing);
    };
    double before = loss(std::cref(model));
    if (o.int8) {
        const double size_before = megabytes(parameter_bytes(model));
        model.quantise();
        const double now = loss(std::cref(model));
        add("8 bits", megabytes(parameter_bytes(model)), size_before, now, before);
        before = now;
    }
    if (o.kv_cache != CacheFormat::f32) {
        const auto size = [&](CacheFormat format) {
            return megabytes(kv_cache_bytes(model, model.context(), format));
        };
        add(fmt::format("KV cache in {}, when full", to_string(o.kv_cache)), size(o.kv_cache),
            size(CacheFormat::f32), loss(through_kv_cache(model, o.kv_cache)), before);
    }
    return report;
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
    const bool smaller_cache = o.kv_cache != CacheFormat::f32;
    require(!(hooks().parts && smaller_cache),
            "--kv-cache {}: your own parts keep keys and values as they are",
            to_string(o.kv_cache));
    if (o.int8 || smaller_cache) cost = make_smaller(trained, o);
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
    const LanguageModel cached =
        parts.writer ? parts.writer() : with_kv_cache(trained.model, options.kv_cache);
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
