// SPDX-License-Identifier: MIT
// Text from a trained model, token by token, for chat and sample.
#include <cstdio>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

constexpr Index kRunningText = 500;  // tokens, if there is no EOS

// Prints tokens as they come, in whole characters.
class Printer {
 public:
    explicit Printer(const Tokenizer& tokenizer) : tokenizer_(tokenizer) {}
    void operator()(int token) { put(stream_.feed(tokenizer_.token(token))); }
    void finish() { put(stream_.finish()); }

 private:
    void put(const std::string& text) {
        print_text(stdout, text);
        if (std::fflush(stdout) != 0) throw FileError("standard output", "cannot be written to");
    }
    const Tokenizer& tokenizer_;
    Utf8Stream stream_;
};

// Quantises the model and reports the effect in one line: its size and, on the run's own held-out
// data, its loss. The same text is read before and after, so even a small difference is not chance.
std::string quantise(const TextRun& run, Gpt& model) {
    constexpr Index kRows = 64;
    std::vector<Batch> held_out;
    std::string missing;
    try {
        const TextData data(run.data, run.choice(), run.training.seed);
        require_same_data(run, data);
        held_out = data.validation(false, kRows, run.model.context);
    } catch (const std::exception& error) {
        missing = error.what();
    }
    const auto loss = [&] {
        return evaluate([&](const Tokens& ids) { return model(ids); }, held_out).loss;
    };
    const auto megabytes = [&] { return static_cast<double>(parameter_bytes(model)) / 1e6; };
    const double loss_before = missing.empty() ? loss() : 0, size_before = megabytes();
    model.quantise();
    const std::string size =
        fmt::format("8 bits: {:.2f} MB instead of {:.2f}", megabytes(), size_before);
    if (!missing.empty())
        return fmt::format("{}; the cost in loss cannot be measured: {}", size, missing);
    const double loss_after = loss();
    return fmt::format("{}; held-out loss {:.4f} instead of {:.4f} ({:+.4f}) nats per {}", size,
                       loss_after, loss_before, loss_after - loss_before, run.tokenizer.unit());
}

}  // namespace

Gpt load_model(const std::string& folder, const TextRun& run) {
    Gpt model = load_text_model(folder, run);
    if (const std::string name = not_finite(named_parameters(model)); !name.empty())
        fmt::print(stderr, "gradus: warning: {}: tensor \"{}\" holds NaN or infinity\n",
                   in_folder(folder, "model.safetensors"), name);
    return model;
}

Writer::Writer(const TextOptions& o, std::string& cost) : options(o) {
    require_valid(o.sampler);
    require(o.tokens.value_or(0) >= 0, "--tokens {}, must not be negative", o.tokens.value_or(0));
    start_threads(o.threads);
    run = load_text_run(o.folder);
    run.tokenizer.encode(o.prompt);  // throws for characters the model has never seen
    model = load_model(o.folder, run);
    if (o.int8) cost = quantise(run, model);
    if (hooks().parts) parts = hooks().parts(model, run.training.seed, true);
}

void Writer::print(const std::vector<int>& ids) const {
    Printer printer(run.tokenizer);
    for (const int id : ids) printer(id);
}

// If the data has an EOS: with --tokens, a new document begins after each one; without --tokens,
// the first one ends the text.
void Writer::write(std::vector<int> ids, Random& random) const {
    const std::vector<int> stop =
        run.stop.empty() ? std::vector<int>{} : run.tokenizer.encode(run.stop);
    if (ids.empty()) ids = {stop.empty() ? 0 : stop[0]};
    Index left = options.tokens.value_or(stop.empty() ? kRunningText : run.model.context);
    Printer printer(run.tokenizer);
    const LanguageModel cached = parts.writer ? parts.writer() : CachedGpt(model);
    const auto writes = parts.generate ? parts.generate : &generate;
    while (left > 0) {
        const GenerateOptions how{
            .context = run.model.context, .tokens = left, .stop = stop, .sampler = options.sampler};
        const auto fresh = writes(cached, ids, how, random, [&](int token) {
            printer(token);
            return true;
        });
        left -= static_cast<Index>(fresh.size());
        if (!options.tokens || stop.empty() || fresh.empty() || fresh.back() != stop[0]) break;
        ids = stop;
    }
    printer.finish();
}

}  // namespace gradus
