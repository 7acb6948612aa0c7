// SPDX-License-Identifier: MIT
#include "nn/files/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <map>
#include <stdexcept>

#include "nn/files/process_parts.h"
#include "nn/files/system_parts.h"
#include "tensor/error.h"

extern char** environ;

namespace gradus {
namespace {

std::vector<char*> pointers(std::vector<std::string>& words) {
    std::vector<char*> list;
    for (std::string& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    return list;
}

// Our environment with the changes applied; if a name occurs twice, the last wins.
std::vector<std::string> changed(const Environment& changes) {
    std::map<std::string, std::string> values;
    for (char** setting = environ; *setting; ++setting) {
        const std::string text = *setting;
        const std::size_t equals = std::min(text.find('='), text.size());
        values[text.substr(0, equals)] = text.substr(std::min(equals + 1, text.size()));
    }
    for (const auto& [name, value] : changes) values[name] = value;
    std::vector<std::string> settings;
    for (const auto& [name, value] : values) settings.push_back(name + "=" + value);
    return settings;
}

void limit(int resource, rlim_t soft, rlim_t hard) {
    const rlimit both{soft, hard};
    ::setrlimit(static_cast<decltype(RLIMIT_CPU)>(resource), &both);
}

// Runs between fork and exec: another of our threads may have held any lock, so nothing here may
// allocate, throw or print. `mask`: the program leads a group, and gets this signal mask.
[[noreturn]] void become(char* const* arguments, char** environment, const Launch& launch,
                         const sigset_t* mask) {
    if (launch.is_terminal) {
        ::setsid();
        ::ioctl(launch.in, TIOCSCTTY, 0);
    }
    if (mask != nullptr) ProcessGroup::become_leader(*mask);
    const int wanted[] = {launch.in, launch.out, launch.err};
    for (int end = 0; end < 3; ++end)
        ::dup2(wanted[end] >= 0 ? wanted[end] : ::open("/dev/null", O_RDWR | O_CLOEXEC), end);
    if (!launch.folder.empty() && ::chdir(launch.folder.c_str()) != 0) ::_exit(127);
    if (launch.processor_seconds > 0) {
        const auto seconds = static_cast<rlim_t>(launch.processor_seconds);
        limit(RLIMIT_CPU, seconds, seconds + 1);
        limit(RLIMIT_CORE, 0, 0);
    }
    if (launch.file_limit >= 0) {
        const auto bytes = static_cast<rlim_t>(launch.file_limit);
        limit(RLIMIT_FSIZE, bytes, bytes);
    }
    if (launch.default_signals)
        for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGXFSZ})
            ::signal(number, SIG_DFL);
    environ = environment;
    ::execvp(arguments[0], arguments);
    ::_exit(127);
}

// Collects the output from one pipe of a program, up to a limit.
struct Outlet {
    static constexpr int kBuffer = 4096;
    Pipe& pipe;
    std::string& text;

    // Reads what is available. False at the end of the output.
    bool read(std::size_t kept) {
        char buffer[kBuffer];
        const ssize_t n = ::read(pipe.out(), buffer, sizeof buffer);
        if (n < 0 && errno == EINTR) return true;
        if (n <= 0) return false;
        const std::size_t space = kept - std::min(kept, text.size());
        text.append(buffer, std::min(space, static_cast<std::size_t>(n)));
        return true;
    }
    // Reads what is in the pipe now, however fast somebody else fills it.
    void drain(std::size_t kept) {
        int left = 0;
        if (pipe.out() < 0 || ::ioctl(pipe.out(), FIONREAD, &left) != 0) return;
        for (; left > 0; left -= kBuffer)
            if (!read(kept)) return;
    }
};

pid_t launched(const std::vector<std::string>& command, const Launch& launch,
               const sigset_t* mask) {
    std::vector<std::string> words = command, settings = changed(launch.environment);
    const std::vector<char*> arguments = pointers(words);
    std::vector<char*> environment = pointers(settings);
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("cannot start a process: " + system_reason(errno));
    if (child == 0) become(arguments.data(), environment.data(), launch, mask);
    return child;
}

}  // namespace

pid_t start_program(const std::vector<std::string>& command, const Launch& launch) {
    return launched(command, launch, nullptr);
}

Pipe::Pipe() {
    int ends[2];
    if (::pipe(ends) != 0) throw std::runtime_error("cannot open a pipe: " + system_reason(errno));
    out_ = ends[0], in_ = ends[1];
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

void Pipe::close(int& end) {
    if (end >= 0) ::close(end);
    end = -1;
}

ProcessResult run_process(const std::vector<std::string>& command, const ProcessOptions& options) {
    Pipe in, out, err;
    const int file = options.output.empty() ? -1 : open_file(options.output, O_WRONLY);
    if (file < 0 && !options.output.empty())
        throw FileError(options.output, "cannot write: " + system_reason(errno));
    const auto start = std::chrono::steady_clock::now();
    const auto passed = [&] {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    ProcessGroup group;
    const pid_t child = [&] {
        const BlockedEndings blocked;
        const pid_t leader = launched(command,
                                      {.environment = options.environment,
                                       .folder = options.folder,
                                       .in = in.out(),
                                       .out = file >= 0 ? file : out.in(),
                                       .err = err.in(),
                                       .default_signals = options.default_signals,
                                       .processor_seconds = options.processor_seconds,
                                       .file_limit = options.file_limit},
                                      &blocked.mask());
        group.lead(leader);
        return leader;
    }();
    in.close_out(), out.close_in(), err.close_in();
    if (file >= 0) ::close(file);
    if (!options.reads_output) out.close_out();
    ::fcntl(in.in(), F_SETFL, O_NONBLOCK);  // it may read slowly; we must keep reading its output

    ProcessResult result;
    Outlet outlets[] = {{out, result.out}, {err, result.err}};
    std::size_t sent = 0;
    // The program's end counts: it may close its output earlier, and a child of it may keep the
    // pipes open, and even write to them for ever.
    while (!group.has_ended()) {
        if (sent == options.input.size()) in.close_in();
        pollfd ends[] = {{out.out(), POLLIN, 0}, {err.out(), POLLIN, 0}, {in.in(), POLLOUT, 0}};
        const bool silent = out.out() < 0 && err.out() < 0;  // it usually ends at once
        const int ready = ::poll(ends, 3, silent ? 1 : 50);
        for (int i = 0; ready > 0 && i < 2; ++i) {
            if (ends[i].revents == 0) continue;
            if (!outlets[i].read(options.kept)) outlets[i].pipe.close_out();
            if (i == 0 && options.on_output) options.on_output(child, result.out);
        }
        if (ready > 0 && ends[2].revents != 0) {
            const ssize_t n =
                ::write(in.in(), options.input.data() + sent, options.input.size() - sent);
            if (n > 0)
                sent += static_cast<std::size_t>(n);
            else if (errno != EAGAIN && errno != EINTR)
                in.close_in();
        }
        if (passed() > options.seconds && !result.late) {
            result.late = true;
            group.kill();
        }
    }
    const std::size_t heard = result.out.size();
    for (Outlet& outlet : outlets) outlet.drain(options.kept);  // its last words are in the pipes
    if (options.on_output && result.out.size() > heard) options.on_output(child, result.out);
    in.close_in();
    const int status = group.end();
    result.seconds = passed();
    if (WIFEXITED(status)) {
        result.code = WEXITSTATUS(status);
    } else {
        result.signal = WTERMSIG(status);
        result.late = result.late || result.signal == SIGXCPU;
    }
    return result;
}

}  // namespace gradus
