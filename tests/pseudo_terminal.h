// SPDX-License-Identifier: MIT
// Runs a program in a pseudo-terminal of a given size, and interprets its output as a terminal
// would.
#pragma once

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"
#include "nn/text/display_width.h"
#include "nn/text/utf8.h"

namespace gradus {

struct PseudoTerminal {
    int columns = 80, rows = 24;
    Environment environment = {};  // added to ours
    double seconds = 120;          // timeout: kills the program and throws
    // Called whenever output arrives, with the terminal's master side and all output so far.
    std::function<void(int master, const std::string&)> on_output = nullptr;
};

struct TerminalResult {
    int code = -1;
    std::string out;  // every byte, escape sequences included
};

inline TerminalResult run_in_terminal(const std::vector<std::string>& command,
                                      const PseudoTerminal& terminal = {}) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(terminal.columns);
    size.ws_row = static_cast<unsigned short>(terminal.rows);
    int master = -1, slave = -1;
    if (::openpty(&master, &slave, nullptr, nullptr, &size) != 0)
        throw std::runtime_error("terminal: cannot open a pseudo-terminal");
    ::fcntl(master, F_SETFD, FD_CLOEXEC), ::fcntl(slave, F_SETFD, FD_CLOEXEC);
    const pid_t child = start_program(command, {.environment = terminal.environment,
                                                .in = slave,
                                                .out = slave,
                                                .err = slave,
                                                .is_terminal = true});
    ::close(slave);
    TerminalResult result;
    const auto start = std::chrono::steady_clock::now();
    bool late = false;
    for (;;) {
        pollfd end{master, POLLIN, 0};
        ::poll(&end, 1, 100);
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - start;
        if (passed.count() > terminal.seconds && !late) {
            late = true;
            ::kill(child, SIGKILL);
        }
        if (end.revents == 0) continue;
        char buffer[4096];
        const ssize_t n = ::read(master, buffer, sizeof buffer);
        if (n <= 0) break;
        result.out.append(buffer, static_cast<std::size_t>(n));
        if (terminal.on_output) terminal.on_output(master, result.out);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::close(master);
    if (late) throw std::runtime_error("terminal: " + command[0] + " timed out");
    result.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return result;
}

// The contents of the screen and of all that has scrolled off it. Understands line feed, carriage
// return, cursor up (A), erase below (J), erase to the end of the line (K) and colours (m).
class Screen {
 public:
    explicit Screen(int columns) : columns_(columns) {}

    void feed(std::string_view text) {
        for (std::size_t i = 0; i < text.size();) {
            if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
                std::size_t end = i + 2;
                while (end < text.size() && (text[end] < '@' || text[end] > '~')) ++end;
                obey(text.substr(i + 2, end - i - 2), end < text.size() ? text[end] : 'm');
                i = end + 1;
                continue;
            }
            std::size_t length = 1;  // of a UTF-8 character
            while (i + length < text.size() && utf8_continues(text[i + length])) ++length;
            put(text.substr(i, length));
            i += length;
        }
    }
    const std::vector<std::string>& lines() const { return lines_; }
    int wrapped() const { return wrapped_; }  // lines that were too long for the screen
    std::string text() const {
        std::string all;
        for (const auto& line : lines_) all += line + "\n";
        return all;
    }

 private:
    void obey(std::string_view arguments, char action) {
        if (action == 'A') {
            const auto up = static_cast<std::size_t>(std::atoi(std::string(arguments).c_str()));
            row_ -= std::min(row_, up);
        } else if (action == 'J') {
            lines_.resize(row_ + 1);
            lines_[row_].clear();  // only ever used at the beginning of a line
        } else if (action == 'K') {
            lines_[row_].clear();
        }
    }
    void put(std::string_view character) {
        if (character == "\n") {
            if (++row_ == lines_.size()) lines_.emplace_back();
            return;
        }
        if (character == "\r") {
            column_ = 0;  // the terminal's driver sends \r\n: a line is kept until it is drawn over
            return;
        }
        if (column_ == 0) lines_[row_].clear();
        const int width = display_width(character);
        if (column_ + width > columns_) {
            ++wrapped_;
            column_ = 0;
            if (++row_ == lines_.size()) lines_.emplace_back();
        }
        lines_[row_] += character;
        column_ += width;
    }

    int columns_, column_ = 0, wrapped_ = 0;
    std::size_t row_ = 0;
    std::vector<std::string> lines_ = {""};
};

}  // namespace gradus
