// SPDX-License-Identifier: MIT
// ./gradus watch: checks on every save, and obeys single keys. It polls the files five times a
// second instead of relying on the system's file events: those get lost on shared folders, in
// Docker and in WSL, and polling a dozen files costs nothing. A save during a check begins it anew.
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifdef __linux__
#include <sys/prctl.h>
#endif

#include <cerrno>
#include <csignal>
#include <filesystem>
#include <map>
#include <optional>
#include <regex>
#include <stdexcept>
#include <utility>

#include "lessons/runner/commands.h"
#include "nn/files/process.h"
#include "nn/terminal/terminal.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

volatile std::sig_atomic_t stopped = 0;
void stop(int) {
    stopped = 1;
}

// Single keys without Enter, as long as this object exists.
class Keys {
 public:
    Keys() : terminal_(::isatty(STDIN_FILENO) == 1 && ::tcgetattr(STDIN_FILENO, &before_) == 0) {
        if (!terminal_) return;
        termios raw = before_;
        raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        ::tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    }
    ~Keys() {
        if (terminal_) ::tcsetattr(STDIN_FILENO, TCSANOW, &before_);
    }
    Keys(const Keys&) = delete;
    Keys& operator=(const Keys&) = delete;

    bool any() const { return terminal_; }
    // The key pressed within a fifth of a second, or 0; also 0 if there is something to read from
    // `other` (-1: nothing to wait for).
    char wait(int other) const {
        pollfd ends[] = {{terminal_ ? STDIN_FILENO : -1, POLLIN, 0}, {other, POLLIN, 0}};
        if (::poll(ends, 2, 200) <= 0 || (ends[0].revents & POLLIN) == 0) return 0;
        char key = 0;
        return ::read(STDIN_FILENO, &key, 1) == 1 ? key : 'q';
    }

 private:
    termios before_{};
    bool terminal_;
};

// A check in a process of its own, so that a save can stop it together with its compiler.
class Check {
 public:
    Check() = default;
    ~Check() { stop(); }
    Check(const Check&) = delete;
    Check& operator=(const Check&) = delete;

    void start(const Course& course, const Lesson& lesson, const TerminalStyle& style) {
        stop();
        text_.clear();
        pipe_.emplace();
        std::fflush(stdout);
        child_ = ::fork();
        if (child_ < 0) throw std::runtime_error("watch: cannot start a process");
        if (child_ == 0) run(course, lesson, style);
        ::setpgid(child_, child_);  // here as well: whichever of the two comes first
        pipe_->close_in();
    }
    bool runs() const { return child_ > 0; }
    int end() const { return runs() ? pipe_->out() : -1; }  // readable when there is news

    // True as soon as the verdict is there; text() and code() then hold it.
    bool ended() {
        pollfd ready{end(), POLLIN, 0};
        while (runs() && ::poll(&ready, 1, 0) > 0) {
            char buffer[4096];
            const ssize_t n = ::read(end(), buffer, sizeof buffer);
            if (n > 0) {
                text_.append(buffer, static_cast<std::size_t>(n));
                continue;
            }
            if (n < 0 && errno == EINTR) continue;
            int status = 0;
            while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
            }
            child_ = 0;
            code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 2;
            return true;
        }
        return false;
    }
    const std::string& text() const { return text_; }
    int code() const { return code_; }  // as that of ./gradus check

    void stop() {
        if (!runs()) return;
        ::kill(child_, SIGTERM);  // it ends its compiler and its program first (process.h)
        while (::waitpid(child_, nullptr, 0) < 0 && errno == EINTR) {
        }
        child_ = 0;
    }

 private:
    [[noreturn]] void run(const Course& course, const Lesson& lesson, const TerminalStyle& style) {
        ::setpgid(0, 0);
#ifdef __linux__
        ::prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
        for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::signal(number, SIG_DFL);
        std::string text;
        int code = 2;
        try {
            Verdict verdict = check_lesson(course, lesson);
            offer_hint(verdict, course, lesson);
            text = verdict_text(verdict, course, style);
            code = verdict.passed() ? 0 : 1;
        } catch (const std::exception& e) {
            text = fitted(e.what(), style) + "\n";
        }
        for (std::size_t sent = 0; sent < text.size();) {
            const ssize_t n = ::write(pipe_->in(), text.data() + sent, text.size() - sent);
            if (n <= 0) break;
            sent += static_cast<std::size_t>(n);
        }
        ::_exit(code);
    }

    std::optional<Pipe> pipe_;
    std::string text_;
    pid_t child_ = 0;
    int code_ = 1;
};

// On a terminal with colours, what stood there before is wiped off; elsewhere it stays above.
void clear(const TerminalStyle& style) {
    if (style.colour) fmt::print("\x1b[2J\x1b[3J\x1b[H");
}

// The text without its own colours, dimmed: it was true before this save.
std::string dimmed(const std::string& text) {
    static const std::regex colours("\x1b\\[[0-9;]*m");
    return "\x1b[2m" + std::regex_replace(text, colours, "") + "\x1b[0m";
}

// When each lesson's file was saved, and its size.
using Saves = std::map<std::string, std::pair<fs::file_time_type, std::uintmax_t>>;

Saves saves_of(const Course& course) {
    Saves saves;
    for (const auto& lesson : course.lessons) {
        std::error_code error;
        const auto time = fs::last_write_time(course.folder.file(lesson), error);
        if (error) continue;
        const auto size = fs::file_size(course.folder.file(lesson), error);
        if (!error) saves[lesson.name] = {time, size};
    }
    return saves;
}

// The lesson whose file was saved, or null. Many editors empty a file before they write it: so this
// waits until nothing has changed for a moment.
const Lesson* saved(const Course& course, Saves& before) {
    Saves now = saves_of(course);
    if (now == before) return nullptr;
    for (Saves then; then != now;) {
        then = now;
        ::poll(nullptr, 0, 40);
        now = saves_of(course);
    }
    const Lesson* found = nullptr;
    for (const auto& [name, save] : now)
        if (!before.count(name) || before[name] != save) found = &course.lesson(name);
    before = std::move(now);
    return found;
}

void key_line(const Keys& keys, const TerminalStyle& style) {
    if (keys.any())
        fmt::print("\n{}\n",
                   fitted("waiting for a save   n next  h hint  l list  d demo  s solution"
                          "  q quit",
                          style));
    else
        fmt::print("\nwaiting for a save (Ctrl-C quits)\n");
    std::fflush(stdout);
}

}  // namespace

int watch_command(const Course& course, const std::string& name, const TerminalStyle& style) {
    const Lesson* lesson = &course.lesson(name);
    course.folder.begin(*lesson);
    struct sigaction action {};
    action.sa_handler = stop;  // no SA_RESTART: poll() must return
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) ::sigaction(number, &action, nullptr);
    const Keys keys;
    Saves saves = saves_of(course);
    Check check;
    std::string verdict;  // the last one; "" before the first
    bool passed = false;
    char pending = 0;  // a key pressed during a check is obeyed after it
    const auto begin = [&] {
        clear(style);
        fmt::print("checking {} ...\n", shown(course, lesson->file));
        // The file may be wrong now: what is on the screen must not say that it has passed.
        if (style.colour && !passed) fmt::print("\n{}", dimmed(verdict));
        check.start(course, *lesson, style);
    };
    begin();
    while (stopped == 0) {
        if (const Lesson* other = saved(course, saves)) {
            lesson = other;
            begin();  // a check that still runs is about what was there before
        }
        char key = keys.wait(check.end());
        if (check.ended()) {
            verdict = check.text();
            passed = check.code() == 0;
            clear(style);
            fmt::print("{}", verdict);
            key_line(keys, style);
        }
        if (key == 'q' || key == 4) break;  // 4: Ctrl-D
        if (check.runs()) {
            pending = key != 0 ? key : pending;
            continue;
        }
        if (key == 0) key = std::exchange(pending, 0);
        if (std::string("nhlds").find(key) == std::string::npos || key == 0) continue;
        clear(style);
        try {
            if (key == 'n') {
                const Lesson* next = course.after(*lesson);
                if (next == nullptr) {
                    fmt::print("That was the last lesson: now ./gradus gpt --mine\n");
                } else {
                    lesson = next;
                    verdict.clear();
                    passed = false;
                    start_command(course, lesson->number, style);
                    saves = saves_of(course);
                }
            }
            if (key == 'h') hint_command(course, lesson->number, style);
            if (key == 'l') fmt::print("{}", list_text(course, style));
            if (key == 'd') demo_command(course, lesson->number, style);
            if (key == 's') solution_command(course, lesson->number, false, style);
        } catch (const std::exception& e) {
            fmt::print("{}\n", e.what());
        }
        key_line(keys, style);
    }
    fmt::print("\n");
    return passed ? 0 : 1;
}

}  // namespace gradus::lessons
