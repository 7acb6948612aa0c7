// SPDX-License-Identifier: MIT
#include "lessons/runner/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string_view>

namespace gradus::lessons {
namespace {

constexpr std::size_t kKept = 64 * 1024;

// Between fork and exec: nothing here may allocate or throw.
[[noreturn]] void become(char* const* arguments, char** environment, const Limits& limits, int out,
                         int err) {
    ::dup2(::open("/dev/null", O_RDONLY), STDIN_FILENO);
    ::dup2(out, STDOUT_FILENO);
    ::dup2(err, STDERR_FILENO);
    const auto seconds = static_cast<rlim_t>(limits.processor_seconds);
    const rlimit processor{seconds, seconds + 1}, no_core{0, 0};
    ::setrlimit(RLIMIT_CPU, &processor);
    ::setrlimit(RLIMIT_CORE, &no_core);
    environ = environment;
    ::execvp(arguments[0], arguments);
    ::_exit(127);
}

}  // namespace

Ended run(const std::vector<std::string>& command, const Limits& limits,
          const std::vector<std::pair<std::string, std::string>>& environment) {
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    // Our environment with the changes, made before fork(): this process may have other threads.
    std::vector<std::string> settings;
    for (const auto& [name, value] : environment) settings.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (auto& setting : settings) variables.push_back(setting.data());
    for (char** old = environ; *old != nullptr; ++old) {
        const std::string_view text = *old;
        const bool changed =
            std::any_of(environment.begin(), environment.end(),
                        [&](const auto& e) { return text.substr(0, text.find('=')) == e.first; });
        if (!changed) variables.push_back(*old);
    }
    variables.push_back(nullptr);
    std::array<int, 2> out{}, err{};
    if (::pipe2(out.data(), O_CLOEXEC) != 0 || ::pipe2(err.data(), O_CLOEXEC) != 0)
        throw std::runtime_error(std::string("cannot make a pipe: ") + std::strerror(errno));

    const auto start = std::chrono::steady_clock::now();
    const auto passed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error(std::string("cannot fork: ") + std::strerror(errno));
    if (child == 0) become(arguments.data(), variables.data(), limits, out[1], err[1]);
    ::close(out[1]);
    ::close(err[1]);

    Ended ended;
    std::array<pollfd, 2> ends = {pollfd{out[0], POLLIN, 0}, pollfd{err[0], POLLIN, 0}};
    const std::array<std::string*, 2> texts = {&ended.out, &ended.err};
    int open = 2, status = 0;
    bool reaped = false;
    // The pipes may stay open behind a program that left a child of its own: its end counts too.
    while (open > 0 && !reaped) {
        ::poll(ends.data(), ends.size(), 50);
        for (std::size_t i = 0; i < ends.size(); ++i) {
            if (ends[i].fd < 0 || ends[i].revents == 0) continue;
            std::array<char, 4096> buffer{};
            const ssize_t n = ::read(ends[i].fd, buffer.data(), buffer.size());
            if (n > 0) {
                const auto room = kKept - std::min(kKept, texts[i]->size());
                texts[i]->append(buffer.data(), std::min(room, static_cast<std::size_t>(n)));
            } else {
                ends[i].fd = -1;
                --open;
            }
        }
        if (passed() > limits.seconds && !ended.late) {
            ended.late = true;
            ::kill(child, SIGKILL);
        }
        if (open > 0 && ends[0].revents == 0 && ends[1].revents == 0)
            reaped = ::waitpid(child, &status, WNOHANG) == child;
    }
    if (!reaped) ::waitpid(child, &status, 0);
    ::close(out[0]);
    ::close(err[0]);
    ended.seconds = passed();
    if (WIFEXITED(status)) {
        ended.code = WEXITSTATUS(status);
    } else {
        ended.signal = WTERMSIG(status);
        ended.late = ended.late || ended.signal == SIGXCPU;
    }
    return ended;
}

}  // namespace gradus::lessons
