// SPDX-License-Identifier: MIT
// ./gradus watch: checks on every save, and obeys single keys. It polls the files five times a
// second instead of relying on the system's file events: those get lost on shared folders, in
// Docker and in WSL, and polling a dozen files costs nothing.
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <map>

#include "lessons/runner/commands.h"
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
    // The key pressed within a fifth of a second, or 0.
    char wait() const {
        pollfd end{STDIN_FILENO, POLLIN, 0};
        if (::poll(&end, terminal_ ? 1 : 0, 200) <= 0 || (end.revents & POLLIN) == 0) return 0;
        char key = 0;
        return ::read(STDIN_FILENO, &key, 1) == 1 ? key : 'q';
    }

 private:
    termios before_{};
    bool terminal_;
};

using Times = std::map<std::string, fs::file_time_type>;

Times times_of(const Course& course) {
    Times times;
    for (const auto& lesson : course.lessons) {
        std::error_code error;
        const auto time = fs::last_write_time(course.folder.file(lesson), error);
        if (!error) times[lesson.name] = time;
    }
    return times;
}

// The lesson whose file was saved, or null.
const Lesson* saved(const Course& course, Times& before) {
    Times now = times_of(course);
    const Lesson* found = nullptr;
    for (const auto& [name, time] : now)
        if (!before.count(name) || before[name] != time) found = &course.lesson(name);
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
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    const Keys keys;
    Times times = times_of(course);
    bool passed = false;
    const auto judge_now = [&] {
        if (style.colour) fmt::print("\x1b[2J\x1b[3J\x1b[H");  // clears the last verdict
        const Verdict verdict = check_lesson(course, *lesson);
        passed = verdict.passed();
        fmt::print("{}", verdict_text(verdict, course, style));
        key_line(keys, style);
    };
    judge_now();
    while (stopped == 0) {
        if (const Lesson* other = saved(course, times)) {
            lesson = other;
            judge_now();
        }
        const char key = keys.wait();
        if (key == 0) continue;
        if (key == 'q' || key == 4) break;  // 4: Ctrl-D
        if (key == 'n') {
            const Lesson* next = course.after(*lesson);
            if (next == nullptr) {
                fmt::print("That was the last lesson.\n");
            } else {
                lesson = next;
                start_command(course, lesson->number, style);
                times = times_of(course);
            }
        } else if (key == 'h') {
            hint_command(course, lesson->number, style);
        } else if (key == 'l') {
            fmt::print("{}", list_text(course, style));
        } else if (key == 'd') {
            try {
                demo_command(course, lesson->number, style);
            } catch (const std::exception& e) {
                fmt::print("{}\n", e.what());
            }
        } else if (key == 's') {
            solution_command(course, lesson->number, false, style);
        } else {
            continue;
        }
        key_line(keys, style);
    }
    fmt::print("\n");
    return passed ? 0 : 1;
}

}  // namespace gradus::lessons
