// SPDX-License-Identifier: MIT
// Layers that are composed of operations, one training step of each without an optimiser: forward
// and backward. FLOPs are those of the matrix products, three times the forward pass's.
#include <benchmark/benchmark.h>

#include "autograd/all.h"
#include "bench/benches.h"
#include "nn/all.h"

namespace gradus {
namespace {

template <class Layer>
void add(const char* name, const Layer& layer, const Shape& input, Index multiply_adds) {
    benchmark::RegisterBenchmark(name,
                                 [=](benchmark::State& state) {
                                     const Variable x = parameter(Tensor::normal(input, 1, 1));
                                     for (auto _ : state) {
                                         sum(layer(x)).backward();
                                         benchmark::ClobberMemory();
                                     }
                                     state.counters["FLOP/s"] = benchmark::Counter(
                                         6 * static_cast<double>(multiply_adds),
                                         benchmark::Counter::kIsIterationInvariantRate);
                                 })
        ->UseRealTime()
        ->Unit(benchmark::kMillisecond);
}

}  // namespace

// 12 sequences of 64 positions, 128 wide, as in the preset cpu; 12 images of 16 x 16 with 16
// channels.
void add_layer_benches() {
    constexpr Index B = 12, T = 64, C = 128, kImage = 16;
    Initialiser init(1);
    add("layer/swiglu", SwiGlu(C, 4 * C, init), {B, T, C}, 3 * B * T * C * 4 * C);
    add("layer/conv1d", Conv1d(C, C, 3, init, true), {B, T, C}, B * T * 3 * C * C);
    add("layer/conv2d",
        Conv2d(kImage, kImage, {.rows = 3, .columns = 3, .pad_rows = 1, .pad_columns = 1}, init),
        {B, kImage, kImage, kImage}, B * kImage * kImage * 9 * kImage * kImage);
    // A step at a time: T products of B rows, which cannot be one.
    add("layer/lstm", Lstm(C, C, init), {B, T, C}, B * T * 8 * C * C);
    add("layer/gru", Gru(C, C, init), {B, T, C}, B * T * 6 * C * C);
}

}  // namespace gradus
