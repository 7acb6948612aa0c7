// SPDX-License-Identifier: MIT
// The part "limits": multiply-adds and reading, on one thread and on all.
#include <fmt/core.h>

#include <memory>

#include "bench/compare/limits.h"
#include "bench/compare/sections.h"
#include "bench/compare/table.h"
#include "tensor/memory.h"
#include "tensor/ops.h"

namespace gradus::bench {
namespace {

constexpr Index kMegabyte = 1 << 20;

// Runs on one thread and on all take turns; `make` is called once for each number of threads.
Row measure(const Comparison& c, const std::string& name, const std::function<Contender()>& make,
            const Tick& tick) {
    std::vector<Contender> contenders;
    for (const int n : c.threads > 1 ? std::vector<int>{1, c.threads} : std::vector<int>{1}) {
        use_threads(n);
        Contender contender = make();
        contender.name = threads_text(n);
        contender.turn = [n, turn = contender.turn] {
            use_threads(n);
            return turn();
        };
        contenders.push_back(contender);
    }
    Row row{"limits", name, c.threads, take_turns(contenders, c.options.turns, 0.002, tick), {}};
    for (const Samples& s : row.series) row.figures[s.name + " per second"] = best_rate(s);
    return row;
}

}  // namespace

void plan_limits(Plan& plan, Comparison& c) {
    std::vector<std::string> headings = {"limits", "1 thread"};
    if (c.threads > 1) headings.push_back(threads_text(c.threads));
    const auto table = std::make_shared<Table>(headings, 34, c.display.columns());
    plan.push_back({"limits", 0, [&c, table](const Tick&) {
                        c.display.say("\nThe limits of the machine, the best of all turns:");
                        if (!table->heading().empty()) c.display.print(table->heading());
                    }});
    const auto add = [&](const std::string& name, const std::function<Contender()>& make) {
        const double guess = 2.5 * c.options.turns * c.turn_seconds();
        plan.push_back({"limits: " + name, guess, [&c, table, name, make](const Tick& tick) {
                            const Row row = measure(c, name, make, tick);
                            std::vector<std::string> cells = {name};
                            for (const Samples& s : row.series) cells.push_back(giga(best_rate(s)));
                            c.display.print(table->row(cells));
                            c.report.rows.push_back(row);
                            trim_memory();
                            use_threads(c.threads);
                        }});
    };
    add("fp32 multiply-adds, GFLOP/s", [&c] { return multiply_add_peak(c.turn_seconds()); });
    for (const Index megabytes : {4, 16, 512})
        if (megabytes < 100 || !c.options.quick)
            add(fmt::format("reading {} MB, GB/s", megabytes), [&c, megabytes] {
                return memory_reading(megabytes * kMegabyte, c.turn_seconds());
            });
}

}  // namespace gradus::bench
