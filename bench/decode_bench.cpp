// SPDX-License-Identifier: MIT
// Generating text, one token after another, with a GPT of 110 million parameters (12 layers, 12
// heads, 768 wide, a vocabulary of 32000): at the start, in the middle and at the end of its
// context, in floats and in 8 bits. A token reads every weight and every cached key and value once,
// so compare `bytes/s` with decode/read_memory.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/benches.h"
#include "nn/generate/kv_cache.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

const GptConfig kConfig{
    .layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 32000};
enum class Weights { real, int8 };

// Created on first use, and kept: 110 million random numbers take a second.
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

// Counts the bytes that one iteration reads from memory.
void count_bytes(benchmark::State& state, Index bytes) {
    state.counters["bytes/s"] = benchmark::Counter(static_cast<double>(bytes),
                                                   benchmark::Counter::kIsIterationInvariantRate);
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
    CachedGpt decoder(gpt);
    decoder(longer(position));
    for (auto _ : state) benchmark::DoNotOptimize(decoder(longer(1)).value().data());
    // The position embeddings are not all read; keys and values are.
    const Index kept = 2 * kConfig.layers * position - kConfig.context;
    count_bytes(state, gpt.bytes() + kept * kConfig.width * static_cast<Index>(sizeof(Real)));
    state.counters["tokens/s"] =
        benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

// One token times a weight matrix, a different one each time, so that none is in a cache.
void multiply(benchmark::State& state, Weights weights, Index N, Index K) {
    const Index count = 1 + (Index{100} << 20) / (N * K);
    const Tensor w = Tensor::normal({N, K}, 1, 1), x = Tensor::normal({1, K}, 1, 2), y({1, N});
    std::vector<Tensor> real;
    std::vector<Int8Matrix> int8;
    for (Index i = 0; i < count; ++i) {
        if (weights == Weights::real)
            real.push_back(w.clone());
        else
            int8.push_back(quantise_int8(w));
    }
    std::size_t next = 0;
    for (auto _ : state) {
        if (weights == Weights::real)
            ops().matmul({y.data()}, {x.data()}, {real[next].data()}, 1, N, K);
        else
            ops().matmul_int8(y.data(), x.data(), int8[next].q.get(), int8[next].scale.data(), 1, N,
                              K);
        next = (next + 1) % static_cast<std::size_t>(count);
    }
    const Index bytes =
        weights == Weights::real ? N * K * static_cast<Index>(sizeof(Real)) : int8[0].bytes();
    count_bytes(state, bytes);
}

// 512 MB, read once on all threads, every line prefetched 4 KiB ahead: the most that this machine's
// memory delivers.
void read_memory(benchmark::State& state) {
    constexpr Index kCount = 64 << 20, kPart = 1 << 16, kLine = 8, kAhead = 512;
    static const auto numbers = std::make_unique<std::uint64_t[]>(static_cast<std::size_t>(kCount));
    for (auto _ : state) {
        parallel_for(kCount, kPart, [](Index begin, Index end) {
            std::uint64_t sums[kLine] = {};
            for (Index i = begin; i < end; i += kLine) {
                const std::uint64_t* line = numbers.get() + i;
                __builtin_prefetch(line + kAhead);
                for (Index j = 0; j < kLine; ++j) sums[j] += line[j];
            }
            benchmark::DoNotOptimize(sums);
        });
    }
    count_bytes(state, kCount * 8);
}

}  // namespace

void add_decode_benches() {
    const auto add = [](const std::string& name, auto body) {
        return benchmark::RegisterBenchmark(name.c_str(), body)
            ->UseRealTime()
            ->Unit(benchmark::kMillisecond);
    };
    add("decode/read_memory", read_memory);
    const std::pair<const char*, Weights> kinds[] = {{"float", Weights::real},
                                                     {"int8", Weights::int8}};
    for (const auto& [N, K] : {std::pair<Index, Index>{2304, 768}, {768, 3072}})
        for (const auto& [name, weights] : kinds)
            add(fmt::format("decode/matrix/{}x{}/{}", N, K, name),
                [N = N, K = K, weights = weights](benchmark::State& state) {
                    multiply(state, weights, N, K);
                });
    constexpr int kTokens = 20;  // per measurement, so that all are near the position named
    for (const Index position : {16, 512, 1000})
        for (const auto& [name, weights] : kinds)
            add(fmt::format("decode/{}/position:{}", name, position), [=, weights = weights](
                                                                          benchmark::State& state) {
                decode(state, weights, position);
            })->Iterations(kTokens);
}

}  // namespace gradus
