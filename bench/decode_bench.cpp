// SPDX-License-Identifier: MIT
// Generating text, one token after another, with a GPT of 110 million parameters (12 layers, 12
// heads, 768 wide, a vocabulary of 32000): at the start, in the middle and at the end of its
// context, with weights and KV cache in floats and in fewer bits. A token reads every weight and every
// cached key and value once, so compare `bytes/s` with decode/read_memory.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "bench/benches.h"
#include "nn/generate/kv_cache.h"
#include "nn/stored_weights.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

namespace gradus {
namespace {

const GptConfig kConfig{
    .layers = 12, .heads = 12, .width = 768, .context = 1024, .vocabulary = 32000};
using Weights = std::optional<WeightFormat>;  // none: floats that can be trained

// Created on first use, and kept: 110 million random numbers take a second.
Gpt& model(Weights weights) {
    static std::map<Weights, Gpt> models;
    const auto [at, is_new] = models.try_emplace(weights);
    Gpt& gpt = at->second;
    if (!is_new) return gpt;
    gpt = weights ? model({}) : Gpt(kConfig, 1);
    if (weights == WeightFormat::int8)
        gpt.quantise();
    else if (weights)
        store_weights(gpt, *weights);
    return gpt;
}

// Counts the bytes that one iteration reads from memory.
void count_bytes(benchmark::State& state, Index bytes) {
    state.counters["bytes/s"] = benchmark::Counter(static_cast<double>(bytes),
                                                   benchmark::Counter::kIsIterationInvariantRate);
}

void decode(benchmark::State& state, Weights weights, Index position, CacheFormat cache) {
    Gpt& gpt = model(weights);
    Random random(1);
    std::vector<int> text;
    const auto longer = [&](Index by) {
        for (Index i = 0; i < by; ++i)
            text.push_back(
                static_cast<int>(random.below(static_cast<std::uint64_t>(kConfig.vocabulary))));
        return Tokens({1, static_cast<Index>(text.size())}, text);
    };
    CachedGpt decoder(gpt, cache);
    decoder(longer(position));
    for (auto _ : state) benchmark::DoNotOptimize(decoder(longer(1)).value().data());
    // The position embeddings are not all read; keys and values are.
    count_bytes(state, parameter_bytes(gpt) + kv_cache_bytes(gpt, position, cache) -
                           kConfig.context * kConfig.width * static_cast<Index>(sizeof(Real)));
    state.counters["tokens/s"] =
        benchmark::Counter(1, benchmark::Counter::kIsIterationInvariantRate);
}

// One token times a weight matrix, a different one each time, so that none is in a cache.
void multiply(benchmark::State& state, Weights weights, WeightLayout layout, Index N, Index K) {
    const Index count = 1 + (Index{100} << 20) / (N * K);
    const bool by_rows = layout == WeightLayout::out_in;
    const Tensor w = Tensor::normal({by_rows ? N : K, by_rows ? K : N}, 1, 1),
                 x = Tensor::normal({1, K}, 1, 2), y({1, N});
    std::vector<Tensor> real;
    std::vector<StoredWeight> stored;
    for (Index i = 0; i < count; ++i) {
        if (weights)
            stored.push_back(store(w, *weights, layout));
        else
            real.push_back(w.clone());
    }
    std::size_t next = 0;
    for (auto _ : state) {
        if (weights)
            benchmark::DoNotOptimize(matmul_forward(x, stored[next]).data());
        else
            ops().matmul({y.data()}, {x.data()}, {real[next].data()}, 1, N, K);
        next = (next + 1) % static_cast<std::size_t>(count);
    }
    count_bytes(state, weights ? stored[0].bytes() : N * K * static_cast<Index>(sizeof(Real)));
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
    const std::pair<const char*, Weights> kinds[] = {{"float", {}},
                                                     {"f32", WeightFormat::f32},
                                                     {"f16", WeightFormat::f16},
                                                     {"bf16", WeightFormat::bf16},
                                                     {"int8", WeightFormat::int8}};
    const std::pair<const char*, WeightLayout> layouts[] = {{"in_out", WeightLayout::in_out},
                                                            {"out_in", WeightLayout::out_in}};
    for (const auto& [N, K] : {std::pair<Index, Index>{2304, 768}, {768, 3072}})
        for (const auto& [name, weights] : kinds)
            for (const auto& [order, layout] : layouts)
                add(fmt::format("decode/matrix/{}x{}/{}/{}", N, K, name, order),
                    [N = N, K = K, weights = weights, layout = layout](benchmark::State& state) {
                        multiply(state, weights, layout, N, K);
                    });
    constexpr int kTokens = 20;  // per measurement, so that all are near the position named
    for (const Index position : {16, 512, 1000})
        for (const auto& [name, weights] : kinds)
            for (const CacheFormat cache :
                 {CacheFormat::f32, CacheFormat::bf16, CacheFormat::int8}) {
                const bool named = cache != CacheFormat::f32;
                if (named && weights && weights != WeightFormat::int8) continue;
                add(fmt::format("decode/{}/position:{}{}", name, position,
                                named ? "/cache:" + to_string(cache) : ""),
                    [=, weights = weights](benchmark::State& state) {
                        decode(state, weights, position, cache);
                    })
                    ->Iterations(kTokens);
            }
}

}  // namespace gradus
