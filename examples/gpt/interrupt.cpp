// SPDX-License-Identifier: MIT
#include <csignal>

#include "examples/gpt/commands.h"

namespace gradus {
namespace {

volatile std::sig_atomic_t signals = 0;

void on_signal(int number) {
    if (signals != 0 && number != SIGPIPE) {  // asked twice: end at once
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
    signals = 1;
}

}  // namespace

void watch_for_interrupt() {
    std::signal(SIGINT, on_signal);
    std::signal(SIGTERM, on_signal);
    std::signal(SIGPIPE, on_signal);  // nobody reads the progress any more: save and end
}

bool interrupted() {
    return signals != 0;
}

void forget_interrupt() {
    signals = 0;
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
    std::signal(SIGPIPE, SIG_DFL);
}

}  // namespace gradus
