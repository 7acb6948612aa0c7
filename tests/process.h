// SPDX-License-Identifier: MIT
// Runs a program as a person or a script would: arguments, standard input, environment, a limit on
// the size of files; gives back its exit code and what it wrote.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gradus {

struct ProcessOptions {
    std::string input = {};   // of its standard input, which then ends
    std::string folder = {};  // where it runs; empty: here
    std::vector<std::pair<std::string, std::string>> environment = {};  // added to ours
    long file_limit = -1;      // bytes that a file may have (RLIMIT_FSIZE); negative: no limit
    std::string output = {};   // a file or device that takes its standard output
    double seconds = 120;      // after that it is killed and this is an error
    bool reads_output = true;  // false: nobody listens, the reading end of its output is closed
    // Called with the process and all it has written to standard output so far, as it comes.
    std::function<void(pid_t, const std::string&)> on_output = nullptr;
};

struct ProcessResult {
    int code = -1;  // exit code, or 128 + the signal that ended it
    std::string out, err;
};

// Throws std::runtime_error if the program cannot be started or does not end in time.
inline ProcessResult run_process(const std::vector<std::string>& command,
                                 const ProcessOptions& options = {}) {
    // Everything that allocates happens before fork(): this process may have other threads.
    std::vector<char*> arguments;
    for (const auto& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    std::vector<std::string> settings;
    for (const auto& [name, value] : options.environment) settings.push_back(name + "=" + value);
    std::vector<char*> environment;
    for (auto& setting : settings) environment.push_back(setting.data());
    for (char** old = environ; *old; ++old) {
        bool replaced = false;
        for (const auto& [name, value] : options.environment)
            replaced = replaced || (std::strncmp(*old, name.c_str(), name.size()) == 0 &&
                                    (*old)[name.size()] == '=');
        if (!replaced) environment.push_back(*old);
    }
    environment.push_back(nullptr);

    int in[2], out[2], err[2];
    for (int* ends : {in, out, err})
        if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("process: no pipe");
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("process: cannot fork");
    if (child == 0) {
        ::dup2(in[0], STDIN_FILENO);
        ::dup2(out[1], STDOUT_FILENO);
        ::dup2(err[1], STDERR_FILENO);
        if (!options.output.empty())
            ::dup2(::open(options.output.c_str(), O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
        if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) ::_exit(127);
        if (options.file_limit >= 0) {
            const auto bytes = static_cast<rlim_t>(options.file_limit);
            const rlimit limit{bytes, bytes};
            ::setrlimit(RLIMIT_FSIZE, &limit);
        }
        // A shell may have started us with some of these ignored.
        for (const int number : {SIGINT, SIGTERM, SIGPIPE, SIGXFSZ}) ::signal(number, SIG_DFL);
        ::execve(arguments[0], arguments.data(), environment.data());
        ::_exit(127);
    }
    ::close(in[0]), ::close(out[1]), ::close(err[1]);
    ::signal(SIGPIPE, SIG_IGN);  // it may end without reading all of its input
    if (!options.reads_output) ::close(out[0]), out[0] = -1;

    ProcessResult result;
    std::size_t sent = 0;
    ::fcntl(in[1], F_SETFL, O_NONBLOCK);
    const auto start = std::chrono::steady_clock::now();
    bool late = false;
    const auto close_end = [](int& end) {
        if (end >= 0) ::close(end);
        end = -1;
    };
    while (out[0] >= 0 || err[0] >= 0) {
        if (sent == options.input.size()) close_end(in[1]);
        pollfd ends[] = {{out[0], POLLIN, 0}, {err[0], POLLIN, 0}, {in[1], POLLOUT, 0}};
        ::poll(ends, 3, 100);
        char buffer[4096];
        for (int i = 0; i < 2; ++i) {
            int& end = i == 0 ? out[0] : err[0];
            if (end < 0 || ends[i].revents == 0) continue;
            const ssize_t n = ::read(end, buffer, sizeof buffer);
            if (n <= 0) {
                close_end(end);
                continue;
            }
            (i == 0 ? result.out : result.err).append(buffer, static_cast<std::size_t>(n));
            if (i == 0 && options.on_output) options.on_output(child, result.out);
        }
        if (in[1] >= 0 && ends[2].revents != 0) {
            const ssize_t n =
                ::write(in[1], options.input.data() + sent, options.input.size() - sent);
            if (n > 0)
                sent += static_cast<std::size_t>(n);
            else
                close_end(in[1]);
        }
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        if (!late && passed.count() > options.seconds) {
            late = true;
            ::kill(child, SIGKILL);
        }
    }
    close_end(in[1]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (late)
        throw std::runtime_error("process: " + command[0] + " did not end in time; it wrote:\n" +
                                 result.out + result.err);
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

}  // namespace gradus
