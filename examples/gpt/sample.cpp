// SPDX-License-Identifier: MIT
// gradus sample: text from a trained model and nothing else, for files and pipes.
#include "examples/gpt/commands.h"

namespace gradus {
namespace {

int sample(const TextOptions& options) {
    std::string cost;
    const Writer writer(options, cost);
    if (!cost.empty()) print_text(stderr, cost + "\n");
    Random random(options.seed, Stream::sampling);
    const bool line_has_ended =
        writer.write(writer.trained.words().encode(options.prompt), random, false);
    if (output_is_terminal() && !line_has_ended) fmt::print("\n");  // before the shell's prompt
    return 0;
}

}  // namespace

void add_sample(CLI::App& app, Action& action) {
    CLI::App* command =
        app.add_subcommand("sample", "Print text from a trained model, and nothing else");
    const auto options = std::make_shared<TextOptions>();
    add_text_flags(*command, *options);
    command
        ->add_option("--prompt", options->prompt, "The text to continue (default: a fresh start)")
        ->type_name("TEXT");
    command->callback([&action, options] { action = [options] { return sample(*options); }; });
}

}  // namespace gradus
