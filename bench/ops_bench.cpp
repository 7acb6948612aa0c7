// SPDX-License-Identifier: MIT
// The other operations of a training step, at the sizes of the preset cpu: 12 windows of 64
// characters, 128 wide, 4 heads, a vocabulary of 65. Vectorised and naive; the bytes counted are
// those that have to be read and written at least once.
#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <functional>
#include <memory>
#include <vector>

#include "bench/benches.h"
#include "nn/train/muon.h"
#include "tensor/attention.h"
#include "tensor/convolution.h"
#include "tensor/ops.h"
#include "tensor/rotary.h"
#include "tensor/tensor.h"

namespace gradus {
namespace {

constexpr Index B = 12, T = 64, C = 128, NH = 4, V = 65;
constexpr Index kRows = B * T, kNarrow = kRows * C, kWide = kRows * 4 * C;

Real* numbers(Index count) {
    static std::vector<Tensor> kept;  // alive as long as the benchmarks
    kept.push_back(Tensor::normal({count}, 1, kept.size()));
    return kept.back().data();
}

Real* positive(Index count) {
    Real* x = numbers(count);
    for (Index i = 0; i < count; ++i) x[i] = x[i] * x[i] + Real(0.1);
    return x;
}

// Runs `call` with the naive kernels and with this processor's. `touched`: values read and written.
void add(const std::string& name, Index touched, const std::function<void()>& call) {
    for (const std::string& instructions : {std::string("naive"), isa()}) {
        benchmark::RegisterBenchmark((name + "/" + instructions).c_str(),
                                     [=](benchmark::State& state) {
                                         const std::string before = isa();
                                         use_isa(instructions);
                                         for (auto _ : state) {
                                             call();
                                             benchmark::ClobberMemory();
                                         }
                                         state.SetBytesProcessed(state.iterations() * touched *
                                                                 static_cast<Index>(sizeof(Real)));
                                         use_isa(before);
                                     })
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace

void add_op_benches() {
    Real *x = numbers(kWide), *y = numbers(kWide), *z = numbers(kWide);  // (B, T, 4C)
    Real* w = positive(C);
    std::vector<int> id(kRows);
    Random random(1);
    for (int& i : id) i = static_cast<int>(random.below(V));

    // Elementwise: residual sums (B, T, C), GELU (B, T, 4C).
    add("add", 3 * kNarrow, [=] { ops().add(y, x, z, kNarrow); });
    add("add_scaled", 3 * kNarrow, [=] { ops().add_scaled(y, x, Real(1e-3), kNarrow); });
    add("exp_forward", 2 * kWide, [=] { ops().exp_forward(y, x, kWide); });
    add("tanh_forward", 2 * kWide, [=] { ops().tanh_forward(y, x, kWide); });
    add("gelu_forward", 2 * kWide, [=] { ops().gelu_forward(y, x, kWide); });
    add("gelu_backward", 4 * kWide, [=] { ops().gelu_backward(y, z, x, kWide); });
    add("dropout_forward", 2 * kNarrow,
        [=] { ops().dropout_forward(y, x, Real(0.2), 1, kNarrow); });

    // Sums: the gradient of a bias (rows, 4C) -> (4C), and the norm that clipping needs.
    add("sum_forward", kWide, [=] { ops().sum_forward(y, x, 1, kRows, 4 * C); });
    add("sum_squares", kWide, [=] {
        double result;
        ops().sum_squares(&result, x, kWide);
        benchmark::DoNotOptimize(result);
    });

    // Rows: softmax of attention scores (B NH T, T), layer norm (B T, C), loss (B T, V).
    add("softmax_forward", 2 * kRows * NH * T, [=] { ops().softmax_forward(y, x, kRows * NH, T); });
    add("softmax_backward", 4 * kRows * NH * T,
        [=] { ops().softmax_backward(z, x, y, kRows * NH, T); });
    Real *mean = numbers(kRows), *rstd = positive(kRows), *dw = numbers(C), *db = numbers(C);
    add("layer_norm_forward", 2 * kNarrow,
        [=] { ops().layer_norm_forward(y, mean, rstd, x, w, w, Real(1e-5), kRows, C); });
    add("layer_norm_backward", 4 * kNarrow,
        [=] { ops().layer_norm_backward(y, dw, db, z, x, mean, rstd, w, kRows, C); });
    Real *losses = numbers(kRows), *lse = numbers(kRows);
    add("cross_entropy_forward", kRows * V,
        [=] { ops().cross_entropy_forward(losses, lse, x, id.data(), kRows, V); });
    add("cross_entropy_backward", 3 * kRows * V,
        [=] { ops().cross_entropy_backward(y, Real(1e-3), x, lse, id.data(), kRows, V); });

    // Rows of a table (V, C) by index, and their gradient.
    Real* table = numbers(V * C);
    add("embedding_forward", 2 * kNarrow,
        [=] { ops().embedding_forward(y, table, id.data(), kRows, C); });
    add("embedding_backward", 3 * kNarrow,
        [=] { ops().embedding_backward(table, z, id.data(), kRows, C, V); });

    // Attention (B, T, 3C) -> (B, T, C), and with one long window of a wider model.
    const auto attention = [&](const std::string& name, Index b, Index t, Index c, Index heads) {
        const AttentionShape shape =
            attention_inputs(Tensor::empty({b, t, 3 * c}), {.heads = heads}).shape;
        const Index n = b * t * c;
        Real *qkv = numbers(3 * n), *dqkv = numbers(3 * n), *attended = numbers(n),
             *dy = numbers(n), *denominators = numbers(b * t * heads);
        add("attention_forward" + name, 4 * n, [=] {
            ops().attention_forward(attended, denominators, qkv, qkv + c, qkv + 2 * c, nullptr,
                                    shape);
        });
        add("attention_backward" + name, 11 * n, [=] {
            ops().attention_backward(dqkv, dqkv + c, dqkv + 2 * c, nullptr, dy, attended,
                                     denominators, qkv, qkv + c, qkv + 2 * c, nullptr, shape);
        });
    };
    attention("", B, T, C, NH);
    attention("/1024", 1, 1024, 384, 6);

    // Llama's parts: the norm of every row, the activation of its feed-forward half, rotary queries.
    add("silu_forward", 2 * kWide, [=] { ops().silu_forward(y, x, kWide); });
    add("silu_backward", 4 * kWide, [=] { ops().silu_backward(y, z, x, kWide); });
    add("gelu_erf_forward", 2 * kWide, [=] { ops().gelu_erf_forward(y, x, kWide); });
    add("gelu_erf_backward", 4 * kWide, [=] { ops().gelu_erf_backward(y, z, x, kWide); });
    add("rms_norm_forward", 2 * kNarrow,
        [=] { ops().rms_norm_forward(y, rstd, x, w, Real(1e-5), kRows, C); });
    add("rms_norm_backward", 4 * kNarrow,
        [=] { ops().rms_norm_backward(y, dw, z, x, rstd, w, kRows, C); });
    const RotaryTable turns = rotary_table(T, C / NH);
    add("rotary_forward", 2 * kNarrow, [=] {
        ops().rotary_forward(y, x, turns.cosine.data(), turns.sine.data(),
                             {B, T, NH, NH, C / NH, C / NH / 2, false});
    });
    add("rotary_backward", 3 * kNarrow, [=] {
        ops().rotary_backward(y, z, turns.cosine.data(), turns.sine.data(),
                              {B, T, NH, NH, C / NH, C / NH / 2, false});
    });

    // Choosing among GPT-2's 50,257 tokens.
    const auto weights = std::make_shared<std::vector<double>>(50257);
    add("token_weights", 3 * 50257,
        [=] { ops().token_weights(weights->data(), x, 50257, Real(0.8), 0, Real(0.9)); });

    // Permuting (B, T, NH, HS) to (B, NH, T, HS); images (B, 16, 16, 16) in windows of 3 x 3.
    const StridedView heads{{1, 1, B, NH, T, C / NH}, {0, 0, T * C, C / NH, C, 1}};
    add("read_strided", 2 * kNarrow, [=] { ops().read_strided(y, x, heads); });
    add("write_strided", 2 * kNarrow, [=] { ops().write_strided(y, x, heads); });
    add("add_strided", 3 * kNarrow, [=] { ops().add_strided(y, x, heads); });
    const Windows windows = windows_of("bench", {B, 16, 16, 16},
                                       {.rows = 3, .columns = 3, .pad_rows = 1, .pad_columns = 1});
    Real* unfolded = numbers(B * 16 * 16 * 9 * 16);
    Real* images = numbers(B * 16 * 16 * 16);
    add("unfold_forward", B * 16 * 16 * 10 * 16,
        [=] { ops().unfold_forward(unfolded, images, windows); });
    add("unfold_backward", B * 16 * 16 * 11 * 16,
        [=] { ops().unfold_backward(images, unfolded, windows); });
    const Windows halves =
        windows_of("bench", {B, 16, 16, 16}, {.rows = 2, .columns = 2, .stride = 2});
    const auto winner = std::make_shared<std::vector<Index>>(B * 8 * 8 * 16);
    add("max_pool_forward", B * 16 * 16 * 16 * 5 / 4,
        [=] { ops().max_pool_forward(y, winner->data(), images, halves); });
    add("max_pool_backward", B * 8 * 8 * 16 * 3,
        [=] { ops().max_pool_backward(images, y, winner->data(), halves); });

    // Numbers of 16 bits: half a Real each.
    const auto half = std::make_shared<std::vector<std::uint16_t>>(kWide);
    add("round_f16", kWide * 3 / 2, [=] { ops().round_f16(half->data(), x, kWide); });
    add("round_bf16", kWide * 3 / 2, [=] { ops().round_bf16(half->data(), x, kWide); });
    add("widen_f16", kWide * 3 / 2, [=] { ops().widen_f16(y, half->data(), kWide); });
    add("widen_bf16", kWide * 3 / 2, [=] { ops().widen_bf16(y, half->data(), kWide); });

    // AdamW on one matrix (C, 4C): reads w, g, m, v, writes w, m, v.
    Real *weight = numbers(4 * C * C), *m = numbers(4 * C * C), *v = positive(4 * C * C);
    add("adamw_step", 7 * 4 * C * C, [=] {
        ops().adamw_step(weight, x, m, v, Real(1e-3), Real(0.9), Real(0.99), Real(1e-8), Real(0.1),
                         1, 1, 1, 4 * C * C);
    });
    // SGD with momentum reads w, g, velocity, writes w, velocity.
    add("sgd_step", 5 * 4 * C * C,
        [=] { ops().sgd_step(weight, x, m, Real(1e-3), Real(0.9), 4 * C * C); });
    // Lion reads w, g, m, writes w, m. Muon reads w, g, m, writes w, m, and multiplies matrices: 9
    // products, of 2 C C (4C) or 2 C C C operations.
    add("lion_step", 5 * 4 * C * C, [=] {
        ops().lion_step(weight, x, m, Real(1e-3), Real(0.9), Real(0.99), Real(0.1), 1, 4 * C * C);
    });
    const Variable matrix = parameter(Tensor::normal({C, 4 * C}, 1, 7));
    matrix.grad().copy_from(Tensor::normal({C, 4 * C}, 1, 8));
    const auto muon = std::make_shared<Muon>(std::vector{NamedParameter{"block.weight", matrix}});
    add("muon", 5 * 4 * C * C, [=] { muon->step(Real(1e-3)); });
}

}  // namespace gradus
