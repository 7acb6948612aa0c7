// SPDX-License-Identifier: MIT
// gradus chat and gradus sample: text from a trained model.
#include <cstdio>
#include <iostream>
#include <string>

#include "examples/gpt/commands.h"
#include "examples/gpt/data.h"
#include "examples/gpt/progress.h"
#include "nn/generate/generate.h"
#include "nn/generate/kv_cache.h"
#include "nn/text/utf8.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

constexpr Index kRunningText =
    500;  // tokens, where the text has no documents that end by themselves

// Writes tokens as they come, as whole characters.
class Writer {
 public:
    explicit Writer(const Tokenizer& vocabulary) : vocabulary_(vocabulary) {}
    void operator()(int token) { put(stream_.feed(vocabulary_.token(token))); }
    void finish() { put(stream_.finish()); }

 private:
    void put(const std::string& text) {
        if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() ||
            std::fflush(stdout) != 0)
            throw FileError("standard output", "cannot be written to");
    }
    const Tokenizer& vocabulary_;
    Utf8Stream stream_;
};

// Continues `ids`, whose last tokens are the prompt, up to a number of tokens. Where the data is
// documents and a number was asked for, a new one begins after each end; without a number the first
// end is the end.
void write_text(const RunInfo& info, const Gpt& model, std::vector<int> ids,
                const TextOptions& options, Random& random) {
    const std::vector<int> stop =
        info.stop.empty() ? std::vector<int>{} : info.vocabulary.encode(info.stop);
    if (ids.empty()) ids = {stop.empty() ? 0 : stop[0]};
    Index left = options.tokens.value_or(stop.empty() ? kRunningText : info.model.context);
    Writer writer(info.vocabulary);
    const LanguageModel decoder = CachedGpt(model);
    while (left > 0 && !interrupted()) {
        const GenerateOptions how{.context = info.model.context,
                                  .tokens = left,
                                  .stop = stop,
                                  .sampler = options.sampler};
        const auto fresh = generate(decoder, ids, how, random, [&](int token) {
            writer(token);
            return !interrupted();
        });
        left -= static_cast<Index>(fresh.size());
        if (!options.tokens || stop.empty() || fresh.empty() || fresh.back() != stop[0]) break;
        ids = stop;
    }
    writer.finish();
}

// What 8 bits do to a model, in one line: its size and, on the run's own held-out data, its loss.
// The same text is read before and after, so that even a small change is none of chance.
std::string quantise(const RunInfo& info, Gpt& model) {
    constexpr Index kRows = 64;
    const bool bytes = info.vocabulary.kind() == Tokenizer::Kind::bytes;
    std::vector<Batch> held_out;
    std::string missing;
    try {
        const TrainingData data(info.data, bytes, info.training.seed);
        require(data.vocabulary() == info.vocabulary, "{}: the file has changed", info.data);
        held_out = data.validation(false, kRows, info.model.context);
    } catch (const std::exception& error) {
        missing = error.what();
    }
    const auto loss = [&] {
        return evaluate([&](const Tokens& ids) { return model(ids); }, held_out).loss;
    };
    const double loss_before = missing.empty() ? loss() : 0;
    const auto megabytes = [&] { return static_cast<double>(model.bytes()) / 1e6; };
    const double size_before = megabytes();
    model.quantise();
    const std::string size =
        fmt::format("8 bits: {:.2f} MB instead of {:.2f}", megabytes(), size_before);
    if (!missing.empty())
        return fmt::format("{}; what it costs cannot be measured: {}", size, missing);
    const double loss_after = loss();
    return fmt::format("{}; held-out loss {:.4f} instead of {:.4f} ({:+.4f}) nats per {}", size,
                       loss_after, loss_before, loss_after - loss_before,
                       bytes ? "byte" : "character");
}

void prepare(const TextOptions& options) {
    require_valid(options.sampler);
    require(options.tokens.value_or(0) >= 0, "--tokens {}, must not be negative",
            options.tokens.value_or(0));
    if (options.threads > 0) set_threads(options.threads);
}

}  // namespace

int sample_command(const TextOptions& options) {
    prepare(options);
    const RunInfo info = load_run_info(options.folder);
    std::vector<int> ids = info.vocabulary.encode(options.prompt);
    Gpt model = load_run_model(options.folder, info);
    if (options.int8) fmt::print(stderr, "{}\n", quantise(info, model));
    prepend_bos(info, ids);
    Writer writer(info.vocabulary);
    for (int id : info.vocabulary.encode(options.prompt)) writer(id);
    Random random(options.seed, Stream::sampling);
    write_text(info, model, ids, options, random);
    return 0;
}

int chat_command(const TextOptions& options) {
    prepare(options);
    const RunInfo info = load_run_info(options.folder);
    Gpt model = load_run_model(options.folder, info);
    if (options.int8) fmt::print("{}\n", wrapped(quantise(info, model)));
    return chat(info, model, options);
}

int chat(const RunInfo& info, const Gpt& model, const TextOptions& options) {
    const bool stories = !info.stop.empty();
    fmt::print("\nType a beginning and press Enter; the model goes on. For example: {}\n",
               stories ? info.prompt : "any text");
    fmt::print("An empty line lets it start by itself. Ctrl-D ends.\n");
    std::string line;
    for (std::uint64_t turn = 0;; ++turn) {
        fmt::print("\n> ");
        std::fflush(stdout);
        if (!std::getline(std::cin, line)) break;
        Index skipped = 0;
        std::vector<int> ids = info.vocabulary.encode_known(line, skipped);
        if (skipped > 0)
            fmt::print("({} character{} never seen in training {} left out)\n", skipped,
                       skipped == 1 ? "" : "s", skipped == 1 ? "is" : "are");
        Writer writer(info.vocabulary);
        for (int id : ids) writer(id);
        prepend_bos(info, ids);
        Random random(options.seed, Stream::sampling, turn);
        write_text(info, model, ids, options, random);
        if (!stories) fmt::print("\n");
    }
    fmt::print("\n");
    return 0;
}

}  // namespace gradus
