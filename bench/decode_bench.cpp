// SPDX-License-Identifier: MIT
// Writing text, one token after another, with a GPT of 110 million numbers (12 layers, 12 heads,
// 768 wide, 32000 tokens): at the start, in the middle and at the end of its context, in floats and
// in 8 bits. A token reads every weight and every kept key and value once, so `bytes/s` stands
// beside the rate at which this machine reads memory at all.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/benches.h"
#include "nn/decoder.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

const GptConfig kConfig{
    .layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 32000};
enum class Weights { real, int8 };

// Made when it is first asked for, and kept: 110 million random numbers take a second.
Gpt& model(Weights weights) {
    static Gpt real(kConfig, 1);
    if (weights == Weights::real) return real;
    static Gpt int8 = [] {
        Gpt copy = real;
        copy.quantise();
        return copy;
    }();
    return int8;
}

void decode(benchmark::State& state, Weights weights, Index position) {
    Gpt& gpt = model(weights);
    Random random(1);
    std::vector<int> text;
    const auto longer = [&](Index by) {
        for (Index i = 0; i < by; ++i)
            text.push_back(
                static_cast<int>(random.below(static_cast<std::uint64_t>(kConfig.vocabulary))));
        return Tokens({1, static_cast<Index>(text.size())}, text);
    };
    Decoder decoder(gpt);
    decoder(longer(position));
    for (auto _ : state) benchmark::DoNotOptimize(decoder(longer(1)).value().data());
    // The table of positions is not read whole; keys and values are.
    const Index kept = 2 * kConfig.layers * position - kConfig.context;
    const auto bytes =
        static_cast<double>(gpt.bytes() + kept * kConfig.width * static_cast<Index>(sizeof(Real)));
    state.counters["bytes/s"] =
        benchmark::Counter(bytes, benchmark::Counter::kIsIterationInvariantRate);
    state.counters["tokens/s"] =
        benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

// 512 MB, read once on all threads.
void read_memory(benchmark::State& state) {
    constexpr Index kCount = 64 << 20, kPart = 1 << 16;
    static const auto numbers = std::make_unique<std::uint64_t[]>(static_cast<std::size_t>(kCount));
    for (auto _ : state) {
        parallel_for(kCount, kPart, [](Index begin, Index end) {
            std::uint64_t sum = 0;
            for (Index i = begin; i < end; ++i) sum += numbers[static_cast<std::size_t>(i)];
            benchmark::DoNotOptimize(sum);
        });
    }
    state.SetBytesProcessed(state.iterations() * kCount * 8);
}

}  // namespace

void add_decode_benches() {
    const auto add = [](const std::string& name, auto body) {
        return benchmark::RegisterBenchmark(name.c_str(), body)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
    };
    add("decode/read_memory", read_memory);
    constexpr int kTokens = 20;  // per measurement, so that all are near the position named
    for (const Index position : {16, 512, 1000})
        for (const auto& [name, weights] :
             {std::pair{"float", Weights::real}, std::pair{"int8", Weights::int8}})
            add(fmt::format("decode/{}/position:{}", name, position), [=, weights = weights](
                                                                          benchmark::State& state) {
                decode(state, weights, position);
            })->Iterations(kTokens);
}

}  // namespace gradus
