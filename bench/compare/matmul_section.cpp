// SPDX-License-Identifier: MIT
// The part "matmul": c (M, N) = a (M, K) b (K, N) by this library and by OpenBLAS, in turns with
// the multiply-adds that are the limit of both; also by the naive loops where they take under
// half a second. A product is 2 M N K floating-point operations.
#include <cmath>
#include <memory>

#include "bench/compare/limits.h"
#include "bench/compare/peers/openblas.h"
#include "bench/compare/sections.h"
#include "bench/compare/table.h"
#include "tensor/memory.h"
#include "tensor/ops.h"
#include "tensor/tensor.h"

namespace gradus::bench {
namespace {

struct Product {
    Index M, N, K;
    double work() const { return 2 * static_cast<double>(M * N * K); }
    std::string name() const { return fmt::format("{} {} {}", M, N, K); }
};

// Squares, then the products of GPTs 128, 384 and 768 wide: rows are tokens of a batch.
const Product kProducts[] = {
    {64, 64, 64},      {128, 128, 128},  {256, 256, 256},   {512, 512, 512},  {1024, 1024, 1024},
    {768, 128, 128},   {768, 512, 128},  {768, 128, 512},   {1024, 384, 384}, {1024, 1536, 384},
    {1024, 384, 1536}, {256, 3072, 768}, {256, 50257, 768},
};
constexpr double kQuickWork = 3e8;  // --quick leaves out larger products
constexpr double kNaiveWork = 2e8;  // naive loops that would take half a second are not run
constexpr double kNaiveQuick = 4e7;

bool runs_naive(const Comparison& c, const Product& p, int n) {
    return n == 1 && p.work() < (c.options.quick ? kNaiveQuick : kNaiveWork);
}

// The largest difference between two products of the same matrices, relative to the largest
// element: both sides must compute the same thing.
double difference(const Tensor& a, const Tensor& b) {
    double largest = 0, apart = 0;
    for (Index i = 0; i < a.count(); ++i) {
        largest = std::max(largest, std::abs(static_cast<double>(b[i])));
        apart = std::max(apart, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    }
    return apart / largest;
}

Row measure(const Comparison& c, const OpenBlas& peer, const Product& p, int n, const Tick& tick) {
    const Tensor a = Tensor::normal({p.M, p.K}, 1, 1);
    const Tensor b = Tensor::normal({p.K, p.N}, 1, 2);
    const Tensor ours({p.M, p.N}), theirs({p.M, p.N});
    use_threads(n);
    const auto our_call = [&] {
        ops().matmul({ours.data()}, {a.data()}, {b.data()}, p.M, p.N, p.K);
    };
    const auto their_call = [&] { peer.matmul(theirs.data(), a.data(), b.data(), p.M, p.N, p.K); };
    const auto naive_call = [&] {
        naive::matmul({theirs.data()}, {a.data()}, {b.data()}, p.M, p.N, p.K);
    };
    std::vector<Contender> contenders = {{"ours", p.work(), repeated(our_call, c.turn_seconds())},
                                         multiply_add_peak(c.turn_seconds())};
    if (peer.found()) {
        peer.set_threads(n);
        contenders.push_back({"OpenBLAS", p.work(), repeated(their_call, c.turn_seconds())});
    }
    // 4 ms: eight times as long as the threads of either library wait before they sleep.
    Row row{"matmul", p.name(), n, take_turns(contenders, c.options.turns, 0.004, tick), {}};
    const Samples& our = row.series[0];
    row.figures["of peak"] = speed_ratio(our, row.series[1]);
    if (peer.found()) {
        row.figures["ratio"] = speed_ratio(our, row.series[2]);
        row.figures["difference"] = difference(ours, theirs);
        require(row.figures["difference"] < 1e-4,
                "matmul {}: OpenBLAS and this library disagree by {:.1e} of the largest element",
                p.name(), row.figures["difference"]);
    }
    if (runs_naive(c, p, n)) {
        const auto turn = repeated(naive_call, c.turn_seconds());
        row.series.push_back({"naive", p.work(), {turn(), turn(), turn()}});
    }
    return row;
}

std::vector<std::string> matmul_cells(const Row& row) {
    const auto speed = [&](const std::string& name) -> std::string {
        for (const Samples& s : row.series)
            if (s.name == name) return giga(rate(s));
        return "";
    };
    const auto ratio = row.figures.find("ratio");
    return {row.name,
            fmt::format("{}", row.threads),
            speed("ours"),
            speed("OpenBLAS"),
            ratio == row.figures.end() ? "" : fmt::format("{:.2f}", ratio->second),
            percent(row.figures.at("of peak")),
            speed("naive")};
}

}  // namespace

void plan_matmul(Plan& plan, Comparison& c) {
    const auto peer = std::make_shared<OpenBlas>();
    c.report.peers["OpenBLAS"] = peer->about();
    const auto table =
        std::make_shared<Table>(std::vector<std::string>{"matmul M N K", "threads", "ours",
                                                         "OpenBLAS", "ratio", "of peak", "naive"},
                                14, c.display.columns());
    const auto ratios = std::make_shared<std::map<int, std::vector<double>>>();
    plan.push_back({"matmul", 0, [&c, peer, table](const Tick&) {
                        c.display.say(
                            "\nOpenBLAS: " + peer->about() +
                            "\nGFLOP/s; the ratio is ours / OpenBLAS, the peak is that of "
                            "multiply-adds in the same turn.");
                        if (!table->heading().empty()) c.display.print(table->heading());
                    }});
    for (const Product& p : kProducts) {
        if (c.options.quick && p.work() > kQuickWork) continue;
        for (const int n : c.threads > 1 ? std::vector<int>{1, c.threads} : std::vector<int>{1}) {
            const double call = p.work() / 35e9 / n;
            const double guess = (2 * c.options.turns + 4) * std::max(c.turn_seconds(), call) +
                                 c.options.turns * c.turn_seconds() +
                                 (runs_naive(c, p, n) ? 5 * p.work() / 1e9 : 0);
            const auto run = [&c, peer, table, ratios, p, n](const Tick& tick) {
                const Row row = measure(c, *peer, p, n, tick);
                if (peer->found()) (*ratios)[n].push_back(row.figures.at("ratio"));
                c.display.print(table->row(matmul_cells(row)));
                c.report.rows.push_back(row);
                trim_memory();
            };
            plan.push_back({fmt::format("matmul {}, {}", p.name(), threads_text(n)), guess, run});
        }
    }
    plan.push_back({"matmul", 0, [&c, ratios](const Tick&) {
                        use_threads(c.threads);
                        for (const auto& [n, list] : *ratios) {
                            const double mean = geometric_mean(list);
                            c.report.summary[fmt::format("matmul ratio, {}", threads_text(n))] =
                                mean;
                            c.display.say(fmt::format("Geometric mean of the ratios, {}: {:.3f}",
                                                      threads_text(n), mean));
                        }
                    }});
}

}  // namespace gradus::bench
