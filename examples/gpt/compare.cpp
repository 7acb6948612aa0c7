// SPDX-License-Identifier: MIT
// gradus compare: trained runs side by side, as a page and in the terminal.
#include <filesystem>

#include "examples/gpt/commands.h"
#include "nn/files/atomic_file.h"
#include "nn/run/comparison.h"
#include "nn/terminal/terminal.h"

namespace gradus {
namespace {

struct CompareOptions {
    std::vector<std::string> folders;
    std::string html = "compare.html";
    bool ascii = false;
};

int compare(const CompareOptions& options) {
    std::vector<std::string> runs;  // of "runs/*", which exports may lie among
    for (const std::string& folder : options.folders) {
        const std::filesystem::path path = folder;
        const std::vector<std::string> within = runs_in(folder);
        if (!holds_run(folder) && !within.empty())
            runs.insert(runs.end(), within.begin(), within.end());
        else if (holds_run(folder) || !(is_pretrained(folder) || path.extension() == ".npz"))
            runs.push_back(folder);
        else
            print_text(stderr, fmt::format("gradus: left out {}: not a run\n", for_output(folder)));
    }
    const Comparison comparison = compare_runs(runs);
    write_file(options.html, comparison_html(comparison));
    if (!output_is_terminal()) {
        print_text(stdout, comparison_tsv(comparison));
        return 0;
    }
    TextStyle style = terminal_style();
    style.unicode = style.unicode && !options.ascii;
    fmt::print("{}", comparison_text(comparison, style));  // it has escape sequences of our own
    print_text(stdout, fmt::format("\nAs a page: {}\n", options.html));
    return 0;
}

}  // namespace

void add_compare(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("compare", "Show trained runs side by side");
    const auto options = std::make_shared<CompareOptions>();
    command
        ->add_option("folders", options->folders,
                     "Folders of two runs or more, of any model, or one that they lie in")
        ->required()
        ->type_name("DIR");
    command
        ->add_option(
            "--html", options->html,
            "The page to write. The same goes to the terminal, and to a pipe as a table in "
            "columns divided by tabs")
        ->capture_default_str()
        ->type_name("FILE");
    command->add_flag(
        "--ascii", options->ascii,
        "Draw with ASCII characters only (the default where the locale is not UTF-8)");
    command->footer(
        "Examples:\n  gradus compare runs/tales-quick runs/tales-quick-2\n"
        "  gradus compare runs --html all.html\n"
        "  gradus compare runs/* | cut -f 1,10      bits per byte of each");
    command->callback([&action, options] { action = [options] { return compare(*options); }; });
}

}  // namespace gradus
