// SPDX-License-Identifier: MIT
// The program behind ./gradus gpt, chat and sample: trains a GPT of this library and lets you talk
// to it.
#include <cstdio>
#include <exception>
#include <new>

#include "commands.h"

int main(int argc, char** argv) {
    using namespace gradus;
    try {
        const Command command = parse_command(argc, argv);
        switch (command.kind) {
            case Command::Kind::gpt:
                return train_command(command.gpt);
            case Command::Kind::chat:
                return chat_command(command.text);
            case Command::Kind::sample:
                return sample_command(command.text);
            case Command::Kind::help:
                break;
        }
        fmt::print("{}", command.help);
        return 0;
    } catch (const std::bad_alloc&) {
        fmt::print(
            stderr,
            "gradus: not enough memory (a smaller --batch, --context or --width needs less)\n");
    } catch (const std::exception& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
    }
    return 2;
}
