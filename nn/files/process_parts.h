// SPDX-License-Identifier: MIT
// What process.cpp consists of, besides starting: the process group of a program.
//
// Every program that run_process() starts leads a group of its own, so that one kill() also reaches
// what it has started: a compiler's passes, a script's commands. The price is that Ctrl-C in a
// terminal no longer reaches them, since it goes to our own group. So we pass on what would end us.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <atomic>

namespace gradus {

// While one of these exists, SIGINT, SIGTERM, SIGHUP and SIGQUIT are passed on to its group before
// they do what they would have done, unless they are ignored.
class ProcessGroup {
 public:
    ProcessGroup();  // throws std::runtime_error if there are too many
    ~ProcessGroup();
    ProcessGroup(const ProcessGroup&) = delete;
    ProcessGroup& operator=(const ProcessGroup&) = delete;

    // For the child between fork and exec: makes it the leader of a group. `mask` becomes its signal
    // mask.
    static void become_leader(const sigset_t& mask);
    void lead(pid_t child);  // for the parent, with the signals blocked since before the fork
    void kill() const;       // everything in the group
    bool has_ended() const;  // its leader
    // Waits for its leader, and ends what the leader has left running. Returns the status of
    // waitpid().
    int end();

 private:
    std::atomic<pid_t>* place_ = nullptr;
};

// Blocks those signals in this thread, so that none comes between fork() and lead().
class BlockedEndings {
 public:
    BlockedEndings();
    ~BlockedEndings();
    BlockedEndings(const BlockedEndings&) = delete;
    BlockedEndings& operator=(const BlockedEndings&) = delete;

    const sigset_t& mask() const { return mask_; }  // as it was before

 private:
    sigset_t mask_{};
};

}  // namespace gradus
