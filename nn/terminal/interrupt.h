// SPDX-License-Identifier: MIT
// Ctrl-C in training programs: the first one requests a stop, so that the run is saved; the second
// ends the program at once. The library never installs these handlers on its own: signals belong to
// the program.
//     const InterruptGuard guard;
//     fit(net, task, {.folder = "runs/net", .stop = interrupted});
#pragma once

#include <cstddef>

namespace gradus {

enum class Signals { all, interrupt };

// Handles SIGINT, SIGTERM, SIGHUP (the terminal has been closed, the connection lost) and SIGPIPE
// (nobody is reading the progress any more) while it is in scope; one of the first three that was
// ignored before, as SIGHUP is after `nohup`, stays ignored. After that, the previous handling is
// restored and interrupted() is false. Signals::interrupt: only SIGINT; the others do what they did.
class InterruptGuard {
 public:
    explicit InterruptGuard(Signals which = Signals::all);
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;

 private:
    std::size_t count_;
    void (*before_[4])(int);
};

bool interrupted();  // true after the first signal

}  // namespace gradus
