// SPDX-License-Identifier: MIT
#include "nn/files/process_parts.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <mutex>
#include <stdexcept>

namespace gradus {
namespace {

constexpr std::array kEndings = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
constexpr int kMost = 256;  // programs that run_process() may run at a time

std::atomic<pid_t> groups[kMost];                        // 0: unused; -1: about to start
static_assert(std::atomic<pid_t>::is_always_lock_free);  // a signal handler reads them
std::atomic<bool> ending = false;                        // a signal is about to end us
struct sigaction before[kEndings.size()];                // what our handler stands in for

void signal_groups(int number) {
    for (const auto& group : groups)
        if (const pid_t id = group; id > 0) ::kill(-id, number);
}

// Calls only functions that POSIX allows in a signal handler.
void pass_on(int number, siginfo_t* info, void* context) {
    const int error = errno;
    const auto which = std::find(kEndings.begin(), kEndings.end(), number) - kEndings.begin();
    const struct sigaction& old = before[which];
    const bool by_default = (old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_DFL;
    if (by_default) ending = true;
    signal_groups(number);
    ::poll(nullptr, 0, 50);  // compilers use the time to delete their temporary files
    signal_groups(SIGKILL);
    if (by_default) {
        ::signal(number, SIG_DFL);
        ::raise(number);  // takes effect when this handler returns
    } else if ((old.sa_flags & SA_SIGINFO) != 0) {
        old.sa_sigaction(number, info, context);
    } else {
        old.sa_handler(number);
    }
    errno = error;
}

// The handlers are in place while any program runs.
std::mutex handlers;
int running = 0;

void handle_endings() {
    const std::lock_guard lock(handlers);
    if (running++ > 0) return;
    for (std::size_t i = 0; i < kEndings.size(); ++i) {
        ::sigaction(kEndings[i], nullptr, &before[i]);
        const bool plain = (before[i].sa_flags & SA_SIGINFO) == 0;
        if (plain && before[i].sa_handler == SIG_IGN) continue;
        struct sigaction action {};
        action.sa_sigaction = pass_on;
        action.sa_flags = SA_SIGINFO | (before[i].sa_flags & SA_RESTART);
        for (const int number : kEndings) ::sigaddset(&action.sa_mask, number);
        ::sigaction(kEndings[i], &action, nullptr);
    }
}

bool is_ours(int number) {
    struct sigaction now {};
    ::sigaction(number, nullptr, &now);
    return (now.sa_flags & SA_SIGINFO) != 0 && now.sa_sigaction == pass_on;
}

void leave_endings() {
    const std::lock_guard lock(handlers);
    if (--running > 0) return;
    for (std::size_t i = 0; i < kEndings.size(); ++i)
        if (is_ours(kEndings[i])) ::sigaction(kEndings[i], &before[i], nullptr);
}

}  // namespace

ProcessGroup::ProcessGroup() {
    for (auto& group : groups) {
        pid_t unused = 0;
        if (!group.compare_exchange_strong(unused, -1)) continue;
        place_ = &group;
        handle_endings();
        return;
    }
    throw std::runtime_error("cannot start a process: too many run already");
}

ProcessGroup::~ProcessGroup() {
    if (*place_ > 0) {  // an exception ends the wait for it
        kill();
        end();
    }
    *place_ = 0;
    leave_endings();
}

void ProcessGroup::become_leader(const sigset_t& mask) {
    ::setpgid(0, 0);
    for (const int number : kEndings)
        if (is_ours(number)) ::signal(number, SIG_DFL);
    ::pthread_sigmask(SIG_SETMASK, &mask, nullptr);
}

void ProcessGroup::lead(pid_t child) {
    ::setpgid(child, child);  // the child does it as well: whichever comes first
    *place_ = child;
    if (ending) kill();
}

void ProcessGroup::kill() const {
    ::kill(-*place_, SIGKILL);
    ::kill(*place_, SIGKILL);  // its leader may have gone over to another group
}

// Also true if it is not our child, as when SIGCHLD is ignored.
bool ProcessGroup::has_ended() const {
    siginfo_t info{};
    const auto child = static_cast<id_t>(place_->load());
    if (::waitid(P_PID, child, &info, WEXITED | WNOWAIT | WNOHANG) < 0) return errno != EINTR;
    return info.si_pid != 0;
}

int ProcessGroup::end() {
    // The leader is not forgotten before its group is dead (WNOWAIT): until then, its number cannot
    // become that of another group.
    const pid_t child = *place_;
    siginfo_t info{};
    while (::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) < 0 &&
           errno == EINTR) {
    }
    while (ending) ::pause();  // what a signal has stopped has no result
    kill();
    *place_ = -1;
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return status;
}

BlockedEndings::BlockedEndings() {
    sigset_t endings;
    ::sigemptyset(&endings);
    for (const int number : kEndings) ::sigaddset(&endings, number);
    ::pthread_sigmask(SIG_BLOCK, &endings, &mask_);
}

BlockedEndings::~BlockedEndings() {
    ::pthread_sigmask(SIG_SETMASK, &mask_, nullptr);
}

}  // namespace gradus
