// SPDX-License-Identifier: MIT
// gradus chat: you write the beginning, the model continues it.
#include <iostream>

#include "examples/gpt/commands.h"

namespace gradus {

int chat(const Writer& writer) {
    const TextRun& run = writer.run;
    print_text(stdout, fmt::format("\n{}Type a beginning and press Enter; {} continues it. For "
                                   "example: {}\n",
                                   run.name.empty() ? "" : fmt::format("I am {}. ", run.name),
                                   run.name.empty() ? "the model" : run.name,
                                   run.stop.empty() ? "any text" : run.prompt));
    fmt::print("An empty line lets it start by itself. Ctrl-D quits.\n");
    std::string line;
    for (std::uint64_t turn = 0;; ++turn) {
        fmt::print("\n> ");
        std::fflush(stdout);
        if (!std::getline(std::cin, line)) break;
        Index skipped = 0;
        std::vector<int> ids = run.tokenizer.encode_known(line, skipped);
        if (hooks().encode) ids = hooks().encode(run.tokenizer, run.tokenizer.decode(ids));
        if (skipped > 0)
            fmt::print("({} character{} never seen in training {} left out)\n", skipped,
                       skipped == 1 ? "" : "s", skipped == 1 ? "is" : "are");
        writer.print(ids);
        prepend_bos(run, ids);
        Random random(writer.options.seed, Stream::sampling, turn);
        writer.write(ids, random);
        if (run.stop.empty()) fmt::print("\n");
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
