// SPDX-License-Identifier: MIT
// The part "profile": every operation of a training step timed alone, at its sizes in the step and
// multiplied by its calls per step, next to the step itself. The rest of the step's time goes into
// the graph, memory and data.
//
// Bytes are those that an operation must read and write at least once. Elementwise operations are
// counted as written in their kernels: an exp is about 20.
#include <fmt/core.h>

#include <map>
#include <memory>

#include "bench/compare/limits.h"
#include "bench/compare/roofline.h"
#include "bench/compare/sections.h"
#include "bench/compare/step_case.h"
#include "bench/compare/table.h"
#include "nn/files/atomic_file.h"
#include "tensor/attention.h"
#include "tensor/memory.h"
#include "tensor/ops.h"

namespace gradus::bench {
namespace {

struct Piece {
    std::string kind;     // a line of the table
    double calls;         // per step
    double flops, bytes;  // per call
    std::function<void()> call;
};

// The arrays that the pieces work on: each is allocated once and holds small, normally distributed
// values.
class Arrays {
 public:
    Real* operator()(Index n) {
        kept_.push_back(Tensor::normal({n}, Real(0.1), kept_.size()));
        return kept_.back().data();
    }
    Real* positive(Index n) {
        Real* x = (*this)(n);
        for (Index i = 0; i < n; ++i) x[i] = x[i] * x[i] + Real(0.01);
        return x;
    }

 private:
    std::vector<Tensor> kept_;
};

class Pieces {
 public:
    explicit Pieces(const StepCase& s)
        : B(s.batch),
          T(s.length),
          C(s.model.width),
          V(s.model.vocabulary),
          L(s.model.layers),
          NH(s.model.heads),
          rows_(s.batch * s.length),
          weights_(s.model.parameter_count()),
          ids_(static_cast<std::size_t>(rows_)) {
        Random random(1);
        for (int& id : ids_) id = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
        linear(3 * C, C);
        linear(C, C);
        linear(4 * C, C);
        linear(C, 4 * C);
        logits();
        attention();
        elementwise();
        whole_model();
    }

    const std::vector<Piece>& list() const { return list_; }

 private:
    // `numbers`: how many values are read and written.
    void add(const std::string& kind, Index calls, double flops, Index numbers,
             std::function<void()> call) {
        list_.push_back({kind, static_cast<double>(calls), flops,
                         static_cast<double>(numbers) * static_cast<double>(sizeof(Real)),
                         std::move(call)});
    }

    void product(Index calls, Index N, Index K, bool transpose_b) {
        const Index M = rows_;
        Real *a = x_(M * K), *b = x_(K * N), *c = x_(M * N), *da = x_(M * K), *db = x_(K * N);
        const double flops = 2 * static_cast<double>(M * N * K);
        add("matrix products, forward", calls, flops, M * K + K * N + M * N, [=] {
            ops().matmul({c}, {a}, {b, transpose_b}, M, N, K);
        });
        add("matrix products, backward", calls, 2 * flops, 2 * (M * K + K * N + M * N), [=] {
            ops().matmul_backward({da}, {db}, c, a, {b, transpose_b}, M, N, K);
        });
    }
    void linear(Index out, Index in) { product(L, out, in, false); }
    void logits() { product(1, V, C, true); }

    void attention() {
        const AttentionShape shape =
            attention_inputs(Tensor::empty({B, T, 3 * C}), {.heads = NH}).shape;
        const Index c = C;
        Real *qkv = x_(3 * rows_ * C), *dqkv = x_(3 * rows_ * C), *y = x_(rows_ * C),
             *dy = x_(rows_ * C), *lse = x_(rows_ * NH);
        // q k^T and p v of the unmasked half, diagonal included; backward has five products.
        const double product = 2 * static_cast<double>(B * (T * (T + 1) / 2) * C);
        const double softmax = 25 * static_cast<double>(B * NH * (T * (T + 1) / 2));
        add("attention, forward", L, 2 * product + softmax, 4 * rows_ * C,
            [=] { ops().attention_forward(y, lse, qkv, qkv + c, qkv + 2 * c, nullptr, shape); });
        add("attention, backward", L, 5 * product + softmax, 11 * rows_ * C, [=] {
            ops().attention_backward(dqkv, dqkv + c, dqkv + 2 * c, nullptr, dy, y, lse, qkv,
                                     qkv + c, qkv + 2 * c, nullptr, shape);
        });
    }

    void elementwise() {
        const Index n = rows_ * C, rows = rows_, c = C;
        const auto per_number = [](double flops, Index count) {
            return flops * static_cast<double>(count);
        };
        Real *x = x_(4 * n), *y = x_(4 * n), *z = x_(4 * n);
        Real *gain = x_(C), *mean = x_(rows), *rstd = x_.positive(rows), *dgain = x_(C);
        add("GELU", L, per_number(32, 4 * n), 8 * n, [=] { ops().gelu_forward(y, x, 4 * n); });
        add("GELU", L, per_number(40, 4 * n), 16 * n, [=] { ops().gelu_backward(y, z, x, 4 * n); });
        add("layer norm", 2 * L + 1, per_number(8, n), 2 * n, [=] {
            ops().layer_norm_forward(y, mean, rstd, x, gain, nullptr, Real(1e-5), rows, c);
        });
        add("layer norm", 2 * L + 1, per_number(16, n), 4 * n,
            [=] { ops().layer_norm_backward(y, dgain, nullptr, z, x, mean, rstd, gain, rows, c); });
        add("residual sums", 2 * L + 1, per_number(1, n), 3 * n, [=] { ops().add(y, x, z, n); });
    }

    void whole_model() {
        const Index rows = rows_, c = C, v = V, n = weights_;
        const int* id = ids_.data();
        Real *x = x_(rows * V), *dx = x_(rows * V), *loss = x_(rows), *lse = x_(rows);
        add("cross-entropy", 1, 24 * static_cast<double>(rows * V), rows * V,
            [=] { ops().cross_entropy_forward(loss, lse, x, id, rows, v); });
        add("cross-entropy", 1, 24 * static_cast<double>(rows * V), 3 * rows * V,
            [=] { ops().cross_entropy_backward(dx, Real(1e-3), x, lse, id, rows, v); });
        Real *table = x_(V * C), *y = x_(rows * C);
        add("embeddings", 2, static_cast<double>(rows * C), 2 * rows * C,
            [=] { ops().embedding_forward(y, table, id, rows, c); });
        add("embeddings", 2, static_cast<double>(rows * C), 3 * rows * C,
            [=] { ops().embedding_backward(table, y, id, rows, c, v); });
        Real *w = x_(n), *g = x_(n), *m = x_(n), *square = x_.positive(n);
        add("AdamW and clipping", 1, 2 * static_cast<double>(n), n, [=] {
            double sum;
            ops().sum_squares(&sum, g, n);
        });
        add("AdamW and clipping", 1, 16 * static_cast<double>(n), 7 * n, [=] {
            ops().adamw_step(w, g, m, square, Real(1e-3), Real(0.9), Real(0.99), Real(1e-8),
                             Real(0.1), 1, 1, 1, n);
        });
    }

    Index B, T, C, V, L, NH, rows_, weights_;
    std::vector<int> ids_;
    Arrays x_;
    std::vector<Piece> list_;
};

// All the pieces of one kind together.
struct Kind {
    double seconds = 0, flops = 0, bytes = 0;  // per step
};

void run_profile(Comparison& c, const StepCase& s, const Table& table, const Tick& tick) {
    const Pieces pieces(s);
    TrainingStep step(s);
    std::vector<Contender> contenders = {
        {"step", s.flops(), repeated([&] { step.step(); }, 4 * c.turn_seconds())},
        multiply_add_peak(c.turn_seconds())};
    const Index sizes[] = {4, 16, 512};
    for (const Index megabytes : sizes)
        contenders.push_back(memory_reading(megabytes << 20, c.turn_seconds()));
    const std::size_t first = contenders.size();
    for (const Piece& piece : pieces.list())
        contenders.push_back({piece.kind, piece.flops, repeated(piece.call, c.turn_seconds() / 4)});
    const auto series = take_turns(contenders, c.options.turns, 0.002, tick);

    const double whole = median(series[0].seconds), peak = best_rate(series[1]);
    std::vector<std::string> order;
    std::map<std::string, Kind> kinds;
    for (std::size_t i = 0; i < pieces.list().size(); ++i) {
        const Piece& piece = pieces.list()[i];
        if (kinds.count(piece.kind) == 0) order.push_back(piece.kind);
        Kind& kind = kinds[piece.kind];
        kind.seconds += piece.calls * median(series[first + i].seconds);
        kind.flops += piece.calls * piece.flops;
        kind.bytes += piece.calls * piece.bytes;
    }
    Roofline picture{
        fmt::format("A training step of preset {} on {}", s.name, threads_text(c.threads)),
        peak,
        {},
        {}};
    for (std::size_t i = 0; i < std::size(sizes); ++i)
        picture.memories.push_back(
            {fmt::format("reading {} MB", sizes[i]), best_rate(series[2 + i])});
    Kind all;
    for (const std::string& name : order) {
        const Kind& kind = kinds[name];
        all.seconds += kind.seconds, all.flops += kind.flops, all.bytes += kind.bytes;
        picture.points.push_back({name, kind.flops, kind.bytes, kind.seconds});
        c.display.print(
            table.row({name, milliseconds(kind.seconds), percent(kind.seconds / whole),
                       giga(kind.flops / kind.seconds), percent(kind.flops / kind.seconds / peak),
                       giga(kind.bytes / kind.seconds)}));
        c.report.rows.push_back({"profile",
                                 name,
                                 c.threads,
                                 {},
                                 {{"seconds", kind.seconds},
                                  {"flops", kind.flops},
                                  {"bytes", kind.bytes},
                                  {"of step", kind.seconds / whole}}});
    }
    c.display.print(table.row({"graph, memory, data", milliseconds(whole - all.seconds),
                               percent(1 - all.seconds / whole), "", "", ""}));
    c.display.print(
        table.row({"the whole step", milliseconds(whole), "100 %", giga(s.flops() / whole),
                   percent(s.flops() / whole / peak), giga(all.bytes / whole)}));
    c.report.rows.push_back(
        {"profile", "step", c.threads, {series[0]}, {{"of peak", s.flops() / whole / peak}}});
    c.display.say(fmt::format(
        "The operations move at least {:.0f} MB per step. The {:.2f} GFLOP of the whole step are "
        "those of the model (6 per weight and token, and attention); at {:.0f} GFLOP/s they would "
        "take {} ms.",
        all.bytes / 1e6, s.flops() / 1e9, peak / 1e9, milliseconds(s.flops() / peak)));
    if (!c.options.roofline.empty()) {
        write_file(c.options.roofline, roofline_svg(picture));
        c.display.say("The roofline picture is in " + c.options.roofline);
    }
    trim_memory();
}

}  // namespace

void plan_profile(Plan& plan, Comparison& c) {
    const auto table = std::make_shared<Table>(
        std::vector<std::string>{"profile", "ms", "share", "GFLOP/s", "of peak", "GB/s"}, 26,
        c.display.columns());
    plan.push_back(
        {"profile", c.options.turns * 45 * c.turn_seconds(), [&c, table](const Tick& tick) {
             c.display.say("\nWhere the time of a training step of preset cpu goes:");
             if (!table->heading().empty()) c.display.print(table->heading());
             run_profile(c, step_cpu(), *table, tick);
         }});
}

}  // namespace gradus::bench
