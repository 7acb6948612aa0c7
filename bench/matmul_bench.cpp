// SPDX-License-Identifier: MIT
// The speed of matrix products: the vectorised kernel on one thread and on all, and the naive loops
// for comparison. An (M,K) by (K,N) product is 2 M N K floating-point operations.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include "bench/benches.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace gradus {
namespace {

struct Product {
    Index M, N, K;
    bool transpose_a = false, transpose_b = false;
};

void run(benchmark::State& state, const Product& p, const std::string& instructions, int n) {
    const std::string isa_before = isa();
    const int threads_before = threads();
    use_isa(instructions);
    set_threads(n);
    const Tensor a = Tensor::normal({p.M, p.K}, 1, 1);
    const Tensor b = Tensor::normal({p.K, p.N}, 1, 2);
    const Tensor c({p.M, p.N});
    for (auto _ : state) {
        ops().matmul({c.data()}, {a.data(), p.transpose_a}, {b.data(), p.transpose_b}, p.M, p.N,
                     p.K);
        benchmark::ClobberMemory();
    }
    state.counters["FLOP/s"] = benchmark::Counter(2.0 * static_cast<double>(p.M * p.N * p.K),
                                                  benchmark::Counter::kIsIterationInvariantRate);
    use_isa(isa_before);
    set_threads(threads_before);
}

void add(const Product& p, const std::string& instructions, int n) {
    const std::string name = fmt::format("matmul/{}x{}x{}{}/{}/threads:{}", p.M, p.N, p.K,
                                         p.transpose_a   ? "/TN"
                                         : p.transpose_b ? "/NT"
                                                         : "",
                                         instructions, n);
    benchmark::RegisterBenchmark(name.c_str(),
                                 [=](benchmark::State& state) { run(state, p, instructions, n); })
        ->UseRealTime()
        ->Unit(benchmark::kMicrosecond);
}

// Squares, then the products (M x N x K) of models 128, 384 and 768 wide; the last three are two
// from a backward pass, dx = dy w^T and dw = x^T dy, and one token times a weight matrix.
const Product kProducts[] = {
    {64, 64, 64},
    {128, 128, 128},
    {256, 256, 256},
    {512, 512, 512},
    {1024, 1024, 1024},
    {768, 128, 128},
    {768, 512, 128},
    {768, 128, 512},
    {1024, 384, 384},
    {1024, 1536, 384},
    {1024, 384, 1536},
    {256, 3072, 768},
    {256, 50257, 768},
    {768, 128, 512, false, true},
    {128, 512, 768, true, false},
    {1, 3072, 768},
};
constexpr Index kNaiveLimit = Index{1} << 27;  // multiply-adds; more would take seconds per call

}  // namespace

void add_matmul_benches() {
    for (const Product& p : kProducts) {
        if (p.M * p.N * p.K <= kNaiveLimit) add(p, "naive", 1);
        add(p, isa(), 1);
        if (threads() > 1) add(p, isa(), threads());
    }
}

}  // namespace gradus
