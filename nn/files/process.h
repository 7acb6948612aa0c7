// SPDX-License-Identifier: MIT
// Running another program: its words, its environment, its limits, and what it reads and writes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradus {

// Changes to ours: what is new, and what has another value. Of two to one name the later counts.
using Environment = std::vector<std::pair<std::string, std::string>>;

// How a program is started.
struct Launch {
    Environment environment = {};  // added to ours
    std::string folder = {};       // where it runs; empty: here
    // Descriptors that become its standard input, output and error; -1: /dev/null.
    int in = -1, out = -1, err = -1;
    bool is_terminal = false;      // `in` is a terminal, and its Ctrl-C is to reach the program
    bool default_signals = false;  // what we ignore (SIGPIPE, SIGXFSZ, ...) ends it as usual
    int processor_seconds = 0;     // SIGXCPU after them, SIGKILL a second later; 0: no limit
    long long file_limit = -1;     // bytes that a file may have; negative: no limit
};

// fork() and exec(); command[0] is looked up in PATH. Returns the process. A program that is not
// there, or not executable, ends with code 127. Throws std::runtime_error if there is no process to
// be had.
pid_t start_program(const std::vector<std::string>& command, const Launch& launch);

// Two ends of a pipe that no program inherits unless a Launch names them: a child that held one
// would keep it open after both of us are gone.
class Pipe {
 public:
    Pipe();  // throws std::runtime_error
    ~Pipe() { close_in(), close_out(); }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;

    int in() const { return in_; }    // what is written here ...
    int out() const { return out_; }  // ... is read here; -1: closed
    void close_in() { close(in_); }
    void close_out() { close(out_); }

 private:
    static void close(int& end);
    int in_ = -1, out_ = -1;
};

struct ProcessOptions {
    Environment environment = {};  // added to ours
    std::string folder = {};       // where it runs; empty: here
    // What its standard input holds, which then ends. Where there is some, SIGPIPE must be ignored:
    // the program may end without reading it.
    std::string input = {};
    std::string output = {};       // a file or device that takes its standard output
    bool reads_output = true;      // false: nobody listens, the reading end of its output is closed
    bool default_signals = false;  // as in Launch, and the two below
    int processor_seconds = 0;
    long long file_limit = -1;
    double seconds = 120;                  // by the clock, for what sleeps or waits; then SIGKILL
    std::size_t kept = std::string::npos;  // of out and err; what comes after is read and dropped
    // Called with the process and all it has written to standard output so far, as it comes.
    std::function<void(pid_t, const std::string&)> on_output = nullptr;
};

struct ProcessResult {
    int code = -1;         // exit code; -1: ended by a signal
    int signal = 0;        // 0: ended by itself
    bool late = false;     // one of the limits on time was reached
    std::string out, err;  // what it wrote
    double seconds = 0;    // by the clock
};

// Runs a program to its end. Throws as start_program() does.
ProcessResult run_process(const std::vector<std::string>& command,
                          const ProcessOptions& options = {});

}  // namespace gradus
