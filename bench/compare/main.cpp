// SPDX-License-Identifier: MIT
// ./gradus bench: this library against others that are installed on the machine, in turns within
// one run. The suites of single operations are a separate program, gradus-bench-suites.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "bench/compare/machine.h"
#include "bench/compare/sections.h"
#include "nn/files/atomic_file.h"
#include "nn/terminal/printable.h"
#include "nn/terminal/terminal.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace gradus::bench {
namespace {

void run(const CompareOptions& options) {
    if (!options.help.empty()) {
        fmt::print("{}", options.help);
        return;
    }
    // Fails here, before minutes of measuring, if a file cannot be written.
    for (const std::string& file : {options.json, options.roofline})
        if (!file.empty()) const AtomicFile writable(file);
    if (options.threads > 0) set_threads(options.threads);
    Comparison comparison;
    comparison.options = options;
    comparison.threads = threads();
    comparison.report.turns = options.turns;
    comparison.report.machine = describe_machine();
    Display& display = comparison.display;
    for (const auto& [name, text] : comparison.report.machine)
        display.print(wrapped(fmt::format("{}: {}", name, text), 2, display.columns() - 1));
    display.say(fmt::format("Medians of {} turn{}; a ratio is the median of the turns' ratios.",
                            options.turns, options.turns == 1 ? "" : "s"));

    Plan plan;
    for (const Section& section : sections())
        for (const std::string& name : options.sections)
            if (name == section.name) section.plan(plan, comparison);
    run_plan(plan, comparison);

    if (!options.json.empty()) {
        write_file(options.json, json_text(comparison.report));
        display.say("\nEvery sample is in " + options.json);
    }
    display.say(
        "\nMore parts and options: ./gradus bench --help\n"
        "Each operation alone, by Google Benchmark:\n"
        "./gradus bench --benchmark_filter=gelu");
}

}  // namespace
}  // namespace gradus::bench

int main(int argc, char** argv) {
    using namespace gradus;
    using namespace gradus::bench;
    open_standard_files();
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an ordinary error
    try {
        run(parse_compare_options(argc, argv));
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            throw FileError("standard output", "cannot be written to");
        return 0;
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "gradus: not enough memory (--quick needs less)\n");
    } catch (const std::exception& error) {
        print_text(stderr, fmt::format("gradus: {}\n", error.what()));
    }
    return 2;
}
