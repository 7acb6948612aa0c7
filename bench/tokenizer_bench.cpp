// SPDX-License-Identifier: MIT
// Byte-level BPE on 1 MB of stories: learning 512 merges, and encoding with them; encoding 1 MB of
// words that do not repeat; and tiny Shakespeare with GPT-2's merges, if GRADUS_DATA has both.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "bench/benches.h"
#include "nn/data/text_source.h"
#include "nn/files/atomic_file.h"
#include "nn/files/tokenizers/merges.h"
#include "nn/tokenizers/bpe.h"
#include "nn/tokenizers/pretokens.h"
#include "tensor/random.h"
#include "tensor/real.h"

namespace gradus {
namespace {

const std::string& stories() {
    static const std::string all = [] {
        const auto source = text_source("tales");
        std::string text;
        for (std::uint64_t i = 0; text.size() < 1'000'000; ++i) text += source->document(1, i);
        return text;
    }();
    return all;
}

// Words of 2 to 9 random letters: nothing that is remembered of earlier words helps.
const std::string& new_words() {
    static const std::string all = [] {
        Random random(1, Stream::user);
        std::string text;
        while (text.size() < 1'000'000) {
            for (std::uint64_t i = 2 + random.below(8); i > 0; --i)
                text += static_cast<char>('a' + random.below(26));
            text += ' ';
        }
        return text;
    }();
    return all;
}

const Bpe& learnt() {
    static const Bpe bpe = Bpe::train(stories(), 512);
    return bpe;
}

// What GRADUS_DATA has: a folder; "" if it is unset.
std::string data(const std::string& file) {
    const char* folder = std::getenv("GRADUS_DATA");
    return folder && *folder ? std::string(folder) + "/" + file : "";
}

const std::string& shakespeare() {
    static const std::string all = read_file(data("tinyshakespeare.txt"));
    return all;
}

const Bpe& gpt2() {
    static const Bpe bpe = load_merges(data("gpt2/merges.txt"));
    return bpe;
}

// Texts and tokenizers are made when a bench runs, not for each that does not.
void add(const char* name, const std::string& (*text)(), void (*body)()) {
    benchmark::RegisterBenchmark(name,
                                 [=](benchmark::State& state) {
                                     const auto bytes = static_cast<Index>(text().size());
                                     body();
                                     for (auto _ : state) body();
                                     state.SetBytesProcessed(state.iterations() * bytes);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

void add_tokenizer_benches() {
    add("tokenizer/split", stories,
        [] { benchmark::DoNotOptimize(split_words(stories()).size()); });
    add("tokenizer/train", stories,
        [] { benchmark::DoNotOptimize(Bpe::train(stories(), 512).size()); });
    add("tokenizer/encode", stories,
        [] { benchmark::DoNotOptimize(learnt().encode(stories()).size()); });
    add("tokenizer/encode_new_words", new_words,
        [] { benchmark::DoNotOptimize(learnt().encode(new_words()).size()); });
    if (std::filesystem::exists(data("tinyshakespeare.txt")) &&
        std::filesystem::exists(data("gpt2/merges.txt")))
        add("tokenizer/encode_gpt2", shakespeare,
            [] { benchmark::DoNotOptimize(gpt2().encode(shakespeare()).size()); });
}

}  // namespace gradus
