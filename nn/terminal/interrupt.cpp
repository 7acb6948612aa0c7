// SPDX-License-Identifier: MIT
#include "nn/terminal/interrupt.h"

#include <csignal>
#include <initializer_list>

namespace gradus {
namespace {

volatile std::sig_atomic_t signals_seen = 0;

void on_signal(int number) {
    if (signals_seen != 0 && number != SIGPIPE) {  // second request: end at once
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
    signals_seen = 1;
}

}  // namespace

InterruptGuard::InterruptGuard() {
    signals_seen = 0;
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, on_signal);
}

InterruptGuard::~InterruptGuard() {
    for (const int number : {SIGINT, SIGTERM, SIGPIPE}) std::signal(number, SIG_DFL);
    signals_seen = 0;
}

bool interrupted() {
    return signals_seen != 0;
}

}  // namespace gradus
