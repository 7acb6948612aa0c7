// SPDX-License-Identifier: MIT
// gradus chat: you write the beginning, the model continues it.
#include <unistd.h>

#include <iostream>

#include "examples/gpt/commands.h"

namespace gradus {

int chat(const Writer& writer) {
    const TrainedText& trained = writer.trained;
    const std::string& name = trained.name;
    const bool documents =
        trained.run && !trained.run->stop.empty();  // which end with a line's end
    const std::string greeting = fmt::format(
        "{}Type a beginning and press Enter; {} continues it.{}",
        name.empty() ? "" : fmt::format("I am {}. ", name), name.empty() ? "the model" : name,
        documents ? " For example: " + trained.prompt : "");
    print_text(stdout, "\n" + wrapped(for_output(greeting)) + "\n");
    const bool person = ::isatty(STDIN_FILENO) == 1;
    fmt::print("{}\n", wrapped(fmt::format("An empty line lets it start by itself. {}Ctrl-D quits.",
                                           person ? "Ctrl-C stops an answer. " : "")));
    std::string line;
    for (std::uint64_t turn = 0;; ++turn) {
        fmt::print("\n> ");
        std::fflush(stdout);
        {
            // Whoever meant to stop an answer that has just ended does not leave: one Ctrl-C only
            // clears the line.
            std::optional<InterruptGuard> guard;
            if (person) guard.emplace(Signals::interrupt);
            if (!std::getline(std::cin, line)) break;
        }
        Index skipped = 0;
        std::vector<int> ids = trained.words().encode_known(line, skipped);
        if (hooks().encode) ids = hooks().encode(trained.words(), trained.words().decode(ids));
        if (skipped > 0)
            fmt::print("({} character{} never seen in training {} left out)\n", skipped,
                       skipped == 1 ? "" : "s", skipped == 1 ? "is" : "are");
        Random random(writer.options.seed, Stream::sampling, turn);
        {
            std::optional<InterruptGuard> guard;
            if (person) guard.emplace(Signals::interrupt);
            if (!writer.write(ids, random, output_is_terminal())) fmt::print("\n");
        }
        if (hooks().after_reply) hooks().after_reply();
    }
    fmt::print("\n");
    return 0;
}

void add_chat(CLI::App& app, Action& action) {
    CLI::App* command = app.add_subcommand("chat", "Talk to a trained model");
    const auto options = std::make_shared<TextOptions>();
    add_text_flags(*command, *options);
    command->callback([&action, options] {
        action = [options] {
            std::string cost;
            const Writer writer(*options, cost);
            if (!cost.empty()) print_text(stdout, wrapped(for_output(cost)) + "\n");
            return chat(writer);
        };
    });
}

}  // namespace gradus
