// SPDX-License-Identifier: MIT
// gradus logits: what a model predicts, as numbers, to compare with other software or to plot.
#include <fmt/ranges.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "examples/gpt/commands.h"
#include "nn/run/trained_text.h"

namespace gradus {
namespace {

struct LogitsOptions {
    std::string folder, ids, prompt;
    int threads = 0;
    bool all = false;
};

// "[0.5, -1.25]": the shortest decimals that read back as the same floats. JSON has neither NaN nor
// infinity, for which it says null.
std::string row(const Tensor& logits, Index t) {
    std::string text;
    for (Index v = 0; v < logits.size(-1); ++v) {
        const Real value = logits.at(0, t, v);
        text += text.empty() ? "[" : ", ";
        text += std::isfinite(value) ? fmt::format("{}", value) : "null";
    }
    return text + "]";
}

int logits(const LogitsOptions& o) {
    start_threads(o.threads);
    const TrainedText trained = load_model(o.folder, WeightUse::mapped);
    const Index V = trained.model.vocabulary();
    std::vector<int> ids = ids_in(o.ids, V, "logits: --ids");
    require(o.ids.empty() || !ids.empty(), "logits: no tokens in --ids \"{}\"", for_output(o.ids));
    if (!o.prompt.empty() && !trained.tokenizer)
        throw FileError(o.folder, "has no tokenizer: give the tokens, as in --ids \"464 3290\"");
    if (ids.empty())
        ids = trained.opening(o.prompt.empty() ? std::vector<int>()
                                               : trained.words().encode(o.prompt));
    const auto T = static_cast<Index>(ids.size());
    require(T <= trained.model.context(), "logits: {} tokens, more than the context of {}", T,
            trained.model.context());
    const NoGrad guard;
    const Tensor logits = trained.model(Tokens({1, T}, ids)).value();
    std::string rows = row(logits, T - 1);
    if (o.all) {
        rows = "[";
        for (Index t = 0; t < T; ++t) rows += (t == 0 ? "" : ", ") + row(logits, t);
        rows += "]";
    }
    const nlohmann::json name = for_output(o.folder);
    print_text(stdout,
               fmt::format("{{\"model\": {}, \"ids\": [{}], \"logits\": {}}}\n",
                           name.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                           fmt::join(ids, ", "), rows));
    return 0;
}

}  // namespace

void add_logits(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("logits", "Print what a model predicts after these tokens, as JSON");
    const auto options = std::make_shared<LogitsOptions>();
    LogitsOptions& o = *options;
    add_folder(*command, o.folder);
    command
        ->add_option("--ids", o.ids,
                     "The tokens it reads, as ids: --ids \"464 3290\" (default: those of --prompt)")
        ->type_name("IDS");
    command
        ->add_option("--prompt", o.prompt,
                     "The text it reads, instead of ids (default: what a fresh text begins with)")
        ->type_name("TEXT")
        ->excludes("--ids");
    command->add_flag("--all", o.all,
                      "The logits after each token, not only after the last (default: off)");
    add_threads(*command, o.threads);
    command->footer(
        "Prints one line: {\"model\": DIR, \"ids\": [464, 3290], \"logits\": [V numbers]}; with "
        "--all,\n"
        "a list of such lists. The softmax of the logits is the probability of each next token.\n"
        "Example:\n  gradus logits gpt2 --ids \"464 3290\" | jq '.logits | index(max)'");
    command->callback([&action, options] { action = [options] { return logits(*options); }; });
}

}  // namespace gradus
