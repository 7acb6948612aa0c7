// SPDX-License-Identifier: MIT
// Byte-level BPE on 1 MB of stories: learning 512 merges, and encoding with them.
#include <benchmark/benchmark.h>

#include "bench/benches.h"
#include "nn/data/text_source.h"
#include "nn/text/bpe.h"
#include "nn/text/pretokens.h"
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

void add(const char* name, void (*body)()) {
    benchmark::RegisterBenchmark(name,
                                 [body](benchmark::State& state) {
                                     const auto bytes = static_cast<Index>(stories().size());
                                     for (auto _ : state) body();
                                     state.SetBytesProcessed(state.iterations() * bytes);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

void add_tokenizer_benches() {
    add("tokenizer/split", [] { benchmark::DoNotOptimize(split_words(stories()).size()); });
    add("tokenizer/train", [] { benchmark::DoNotOptimize(Bpe::train(stories(), 512).size()); });
    add("tokenizer/encode", [] {
        static const Bpe bpe = Bpe::train(stories(), 512);
        benchmark::DoNotOptimize(bpe.encode(stories()).size());
    });
}

}  // namespace gradus
