// SPDX-License-Identifier: MIT
// The suites' main(): Google Benchmark's own, extended to print what the numbers depend on.
// ./gradus bench --benchmark_filter=matmul runs some benchmarks, --benchmark_list_tests lists all.
#include <benchmark/benchmark.h>

#include <string>

#include "bench/benches.h"
#include "tensor/ops.h"
#include "tensor/parallel.h"

int main(int argc, char** argv) {
    gradus::add_matmul_benches();
    gradus::add_op_benches();
    gradus::add_layer_benches();
    gradus::add_step_benches();
    gradus::add_decode_benches();
    gradus::add_tokenizer_benches();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
    benchmark::AddCustomContext("instruction set", gradus::isa());
    std::string naive;
    for (const std::string& name : gradus::naive_ops()) naive += (naive.empty() ? "" : " ") + name;
    benchmark::AddCustomContext("not vectorised", naive);
    benchmark::AddCustomContext("threads", std::to_string(gradus::threads()));
    benchmark::AddCustomContext("compiler", __VERSION__);
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}
