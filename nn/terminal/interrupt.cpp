// SPDX-License-Identifier: MIT
#include "nn/terminal/interrupt.h"

#include <array>
#include <csignal>

namespace gradus {
namespace {

// SIGINT is the first.
constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

volatile std::sig_atomic_t signals_seen = 0;

// A second request ends the program at once. The system may send SIGHUP twice for one closed
// terminal, and SIGPIPE for every line of progress, so those two never count as a second request.
void on_signal(int number) {
    if (signals_seen != 0 && (number == SIGINT || number == SIGTERM)) {
        std::signal(number, SIG_DFL);
        std::raise(number);
    }
    signals_seen = 1;
}

}  // namespace

InterruptGuard::InterruptGuard(Signals which)
    : count_(which == Signals::interrupt ? 1 : kSignals.size()) {
    signals_seen = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        before_[i] = std::signal(kSignals[i], on_signal);
        if (before_[i] == SIG_IGN && kSignals[i] != SIGPIPE) std::signal(kSignals[i], SIG_IGN);
    }
}

InterruptGuard::~InterruptGuard() {
    for (std::size_t i = 0; i < count_; ++i) std::signal(kSignals[i], before_[i]);
    signals_seen = 0;
}

bool interrupted() {
    return signals_seen != 0;
}

}  // namespace gradus
