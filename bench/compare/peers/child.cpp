// SPDX-License-Identifier: MIT
#include "bench/compare/peers/child.h"

#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

namespace gradus::bench {

Child::Child(const std::vector<std::string>& command, const Environment& environment) {
    signal(SIGPIPE, SIG_IGN);  // writing to a child that has ended is an ordinary error
    process_ =
        start_program(command, {.environment = environment, .in = to_.out(), .out = from_.in()});
    to_.close_out(), from_.close_in();
}

Child::~Child() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

void Child::send(const std::string& line) {
    const std::string text = line + "\n";
    if (write(to_.in(), text.data(), text.size()) != static_cast<ssize_t>(text.size()))
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
        pollfd incoming{from_.out(), POLLIN, 0};
        const int ready = poll(&incoming, 1, static_cast<int>(std::min(left, 1e5) * 1000) + 1);
        if (ready < 0 && errno != EINTR) throw PeerError("it cannot be heard");
        if (ready <= 0) continue;
        char buffer[4096];
        const ssize_t n = read(from_.out(), buffer, sizeof buffer);
        if (n <= 0) throw PeerError("it has ended");
        waiting_.append(buffer, static_cast<std::size_t>(n));
    }
}

}  // namespace gradus::bench
