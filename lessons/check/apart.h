// SPDX-License-Identifier: MIT
// Runs a learner's code in a process of its own: a crash or an endless loop there is a result, too.
#pragma once

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace gradus::lessons {

// What a process of its own wrote before it ended.
struct Apart {
    std::string written;
    int status = 0;

    bool ended() const { return WIFEXITED(status); }
    int code() const { return WEXITSTATUS(status); }
};

// Whether its time was up.
inline bool is_late(const Apart& process) {
    return !process.ended() &&
           (WTERMSIG(process.status) == SIGXCPU || WTERMSIG(process.status) == SIGKILL ||
            WTERMSIG(process.status) == SIGALRM);
}

// Runs work(write) in a process of its own, for at most `seconds` of processor time; `code` of its
// result is the exit code.
template <class Work>
Apart apart(int seconds, const Work& work) {
    Apart result;
    int ends[2];
    if (::pipe(ends) != 0) return {"", 1 << 8};
    std::fflush(stdout);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        ::signal(SIGXCPU, SIG_DFL);
        ::alarm(static_cast<unsigned>(4 * seconds));
        const auto limit = static_cast<rlim_t>(seconds);
        const rlimit most{limit, limit + 1};
        ::setrlimit(RLIMIT_CPU, &most);
        ::_exit(work([&](const void* data, std::size_t left) {
            const char* bytes = static_cast<const char*>(data);
            while (left > 0) {
                const ssize_t n = ::write(ends[1], bytes, left);
                if (n <= 0) ::_exit(1);
                bytes += n, left -= static_cast<std::size_t>(n);
            }
        }));
    }
    ::close(ends[1]);
    char buffer[4096];
    for (ssize_t n; (n = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        result.written.append(buffer, static_cast<std::size_t>(n));
    ::close(ends[0]);
    ::waitpid(child, &result.status, 0);
    return result;
}

}  // namespace gradus::lessons
