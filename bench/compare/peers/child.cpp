// SPDX-License-Identifier: MIT
#include "bench/compare/peers/child.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

extern char** environ;

namespace gradus::bench {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

// The first executable file of that name in PATH; a name with a slash is one already.
std::string program_path(const std::string& name) {
    if (name.find('/') != std::string::npos) return name;
    const char* variable = std::getenv("PATH");
    std::string path = variable ? variable : "/usr/bin:/bin";
    for (std::size_t begin = 0; begin <= path.size();) {
        const std::size_t end = std::min(path.find(':', begin), path.size());
        const std::string file = path.substr(begin, end - begin) + "/" + name;
        if (access(file.c_str(), X_OK) == 0) return file;
        begin = end + 1;
    }
    return name;
}

// A pipe that no other child inherits: it would keep it open after both of us are gone.
void open_pipe(int ends[2]) {
    if (pipe(ends) != 0) throw PeerError("no pipe");
    for (int i = 0; i < 2; ++i) fcntl(ends[i], F_SETFD, FD_CLOEXEC);
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const Environment& environment) {
    signal(SIGPIPE, SIG_IGN);  // writing to a child that has ended is an error like any
    // All that allocates happens before fork(): threads of this process may hold locks.
    const std::string program = program_path(command[0]);
    std::vector<std::string> words = command, settings;
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    for (char** old = environ; *old; ++old) {
        const std::string name(*old, std::strcspn(*old, "="));
        if (std::none_of(environment.begin(), environment.end(),
                         [&](const auto& added) { return added.first == name; }))
            settings.emplace_back(*old);
    }
    const std::vector<char*> arguments = pointers(words), variables = pointers(settings);

    int in[2], out[2];
    open_pipe(in);
    open_pipe(out);
    process_ = fork();
    if (process_ == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
        execve(program.c_str(), arguments.data(), variables.data());
        _exit(127);
    }
    close(in[0]), close(out[1]);
    to_ = in[1], from_ = out[0];
    if (process_ < 0) {
        close(to_), close(from_);
        throw PeerError("no process");
    }
}

Child::~Child() {
    close(to_), close(from_);
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

void Child::send(const std::string& line) {
    const std::string text = line + "\n";
    if (write(to_, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
        throw PeerError("it has ended");
}

std::string Child::receive(double seconds) {
    const auto start = std::chrono::steady_clock::now();
    for (;;) {
        const std::size_t end = waiting_.find('\n');
        if (end != std::string::npos) {
            const std::string line = waiting_.substr(0, end);
            waiting_.erase(0, end + 1);
            return line;
        }
        const double left =
            seconds -
            std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (left <= 0) throw PeerError(fmt::format("no answer within {:.3g} s", seconds));
        pollfd incoming{from_, POLLIN, 0};
        const int ready = poll(&incoming, 1, static_cast<int>(std::min(left, 1e5) * 1000) + 1);
        if (ready < 0 && errno != EINTR) throw PeerError("it cannot be heard");
        if (ready <= 0) continue;
        char buffer[4096];
        const ssize_t n = read(from_, buffer, sizeof buffer);
        if (n <= 0) throw PeerError("it has ended");
        waiting_.append(buffer, static_cast<std::size_t>(n));
    }
}

}  // namespace gradus::bench
