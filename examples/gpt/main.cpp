// SPDX-License-Identifier: MIT
// The program behind ./gradus gpt, chat, sample and look: trains a GPT of this library, lets you
// talk to it, and shows what it does inside.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

int run(const Command& command) {
    switch (command.kind) {
        case Command::Kind::gpt:
            return train_command(command.gpt);
        case Command::Kind::chat:
            return chat_command(command.text);
        case Command::Kind::sample:
            return sample_command(command.text);
        case Command::Kind::look:
            return look_command(command.text);
        case Command::Kind::help:
            break;
    }
    fmt::print("{}", command.help);
    return 0;
}

}  // namespace
}  // namespace gradus

int main(int argc, char** argv) {
    using namespace gradus;
    std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow (ulimit -f) is an error like any
    try {
        const int code = run(parse_command(argc, argv));
        if (std::fflush(stdout) != 0 || std::ferror(stdout))
            throw FileError("standard output", "cannot be written to");
        return code;
    } catch (const std::bad_alloc&) {
        fmt::print(
            stderr,
            "gradus: not enough memory (a smaller --batch, --context or --width needs less)\n");
    } catch (const std::exception& error) {
        fmt::print(stderr, "gradus: {}\n", error.what());
    }
    return 2;
}
