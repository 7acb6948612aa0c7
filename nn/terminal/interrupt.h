// SPDX-License-Identifier: MIT
// Ctrl-C for programs that train: the first one asks to stop, so that the run is saved; the second
// ends the program at once. Nothing in the library installs these handlers by itself: signals
// belong to the program.
//     const InterruptGuard guard;
//     fit(net, task, {.folder = "runs/net", .stop = interrupted});
#pragma once

namespace gradus {

// SIGINT, SIGTERM, and SIGPIPE (nobody reads the progress any more) while one of these lives; at
// the end of the scope they do again what they did by default, and interrupted() is false.
class InterruptGuard {
 public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool interrupted();  // true from the first signal on

}  // namespace gradus
