// SPDX-License-Identifier: MIT
// Ctrl-C for programs that train: the first one asks to stop, so that the run is saved; the second
// ends the program at once. Nothing in the library installs these handlers by itself: signals
// belong to the program.
//     const InterruptGuard guard;
//     fit(net, task, {.folder = "runs/net", .stop = interrupted});
#pragma once

namespace gradus {

// Handles SIGINT, SIGTERM, and SIGPIPE (nobody reads the progress any more) as long as it lives; at
// the end of its scope the default handling is back, and interrupted() is false.
class InterruptGuard {
 public:
    InterruptGuard();
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard&) = delete;
    InterruptGuard& operator=(const InterruptGuard&) = delete;
};

bool interrupted();  // true from the first signal on

}  // namespace gradus
