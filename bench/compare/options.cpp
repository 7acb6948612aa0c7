// SPDX-License-Identifier: MIT
#include "bench/compare/options.h"

#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bench/compare/sections.h"
#include "nn/terminal/terminal.h"
#include "nn/text/near_names.h"
#include "tensor/error.h"

namespace gradus::bench {
namespace {

constexpr int kQuickTurns = 3;

class Help : public CLI::Formatter {
 public:
    Help() { column_width(static_cast<std::size_t>(terminal_columns() >= 70 ? 20 : 4)); }
    std::string make_option_desc(const CLI::Option* option) const override {
        const int room = terminal_columns() - 1 - static_cast<int>(get_column_width());
        return wrapped(option->get_description(), 0, room);
    }
    std::string make_usage(const CLI::App*, std::string) const override {
        return "Usage: ./gradus bench [PART..] [OPTIONS]\n";
    }
};

std::string footer() {
    std::string text = "Parts:\n";
    for (const Section& s : sections())
        text += fmt::format("  {}: {}{}\n", s.name, s.about, s.by_default ? "" : " (on request)");
    text +=
        "\nPeers are used if installed (apt: libopenblas0-pthread, python3-torch), else left out:\n"
        "  GRADUS_OPENBLAS=FILE: this OpenBLAS\n"
        "  GRADUS_PYTHON=FILE: a Python that has PyTorch\n"
        "\nThe speed of each operation alone, by Google Benchmark:\n"
        "./gradus bench --benchmark_filter=gelu\n"
        "\nExamples:\n"
        "  ./gradus bench --quick\n"
        "  ./gradus bench matmul --threads 1\n"
        "  ./gradus bench step --json step.json";
    return wrapped(text, 0, terminal_columns() - 1);
}

std::string complaint(const CLI::App& app, const CLI::ParseError& error) {
    const std::vector<std::string> extra = app.remaining();
    if (!extra.empty()) {
        std::vector<std::string> known;
        for (const CLI::Option* option : app.get_options())
            if (!option->get_lnames().empty()) known.push_back("--" + option->get_lnames()[0]);
        const std::string word = extra[0].substr(0, extra[0].find('='));
        const auto near = near_names(word, known, 1);
        return fmt::format("bench: {} is not known{} (./gradus bench --help lists all)", word,
                           near.empty() ? "" : "; did you mean " + near[0] + "?");
    }
    std::string text = error.what();
    for (char& c : text) c = c == '\n' ? ' ' : c;
    return "bench: " + text;
}

void require_section(const std::string& name) {
    std::vector<std::string> known;
    for (const Section& s : sections()) known.push_back(s.name);
    if (std::find(known.begin(), known.end(), name) != known.end()) return;
    const auto near = near_names(name, known, 1);
    throw std::invalid_argument(
        fmt::format("bench: there is no part {}; there are {}{}", name, fmt::join(known, ", "),
                    near.empty() ? "" : " (did you mean " + near[0] + "?)"));
}

}  // namespace

CompareOptions parse_compare_options(int argc, const char* const* argv) {
    CompareOptions o;
    CLI::App app(
        wrapped("The speed of this library on this machine, beside other libraries installed "
                "on it."));
    app.formatter(std::make_shared<Help>());
    std::vector<std::string> wanted;
    app.add_option("PART", wanted, "What to measure (default: all but those on request)")
        ->type_name("");
    CLI::Option* turns =
        app.add_option("--turns", o.turns,
                       "Measurements of each, in turns; medians are shown (default: 7, quick 3)")
            ->type_name("N")
            ->check(CLI::Range(1, 1000).description(""));
    app.add_option("--threads", o.threads, "Threads to use (default: one per processor)")
        ->type_name("N")
        ->check(CLI::Range(1, 1024).description(""));
    app.add_flag("--quick", o.quick, "Fewer rows and turns: about a minute, less precise");
    app.add_option("--json", o.json, "Writes every sample, median and ratio to this file")
        ->type_name("FILE");
    app.add_option("--roofline", o.roofline,
                   "Measures the part profile and draws it to this file, as SVG")
        ->type_name("FILE");
    app.footer(footer());
    try {
        app.parse(argc, argv);
    } catch (const CLI::CallForHelp&) {
        o.help = app.help();
        return o;
    } catch (const CLI::ParseError& error) {
        throw std::invalid_argument(complaint(app, error));
    }
    for (const std::string& name : wanted) require_section(name);
    if (!o.roofline.empty()) wanted.push_back("profile");
    for (const Section& s : sections()) {
        const bool asked = std::find(wanted.begin(), wanted.end(), s.name) != wanted.end();
        if (asked || (wanted.empty() && s.by_default)) o.sections.push_back(s.name);
    }
    if (o.quick && turns->count() == 0) o.turns = kQuickTurns;
    return o;
}

}  // namespace gradus::bench
