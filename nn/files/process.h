// SPDX-License-Identifier: MIT
// Runs another program with a given environment and limits, feeds its input and collects its
// output.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace gradus {

// Changes to our environment: variables to add or replace. If a name occurs twice, the last one
// wins.
using Environment = std::vector<std::pair<std::string, std::string>>;

// Options for starting a program.
struct Launch {
    Environment environment = {};  // added to ours
    std::string folder = {};       // its working directory; empty: ours
    // Descriptors that become its standard input, output and error; -1: /dev/null.
    int in = -1, out = -1, err = -1;
    bool is_terminal = false;      // `in` is a terminal whose Ctrl-C should reach the program
    bool default_signals = false;  // signals that we ignore (SIGPIPE, SIGXFSZ, ...) end it
    int processor_seconds = 0;     // SIGXCPU after this many, SIGKILL a second later; 0: no limit
    long long file_limit = -1;     // largest file it may write, in bytes; negative: no limit
};

// fork() and exec(); command[0] is looked up in PATH. Returns the process id. A program that is
// missing or not executable exits with code 127. Throws std::runtime_error if no process can be
// started.
pid_t start_program(const std::vector<std::string>& command, const Launch& launch);

// A pipe whose ends are inherited only by programs whose Launch names them: any other child that
// held an end would keep the pipe open after its two users have gone.
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
    std::string folder = {};       // its working directory; empty: ours
    // The program's entire standard input. Unless this is empty, the caller must ignore SIGPIPE,
    // since the program may exit without reading all of it.
    std::string input = {};
    std::string output = {};       // an existing file or device that receives its standard output
    bool reads_output = true;      // false: the reading end of its output is closed at once
    bool default_signals = false;  // as in Launch, as are the next two
    int processor_seconds = 0;
    long long file_limit = -1;
    double seconds = 120;                  // wall-clock limit, then SIGKILL, even if it sleeps
    std::size_t kept = std::string::npos;  // bytes kept per stream; the rest are dropped
    // Called whenever output arrives, with the process id and all of its standard output so far.
    std::function<void(pid_t, const std::string&)> on_output = nullptr;
};

struct ProcessResult {
    int code = -1;         // exit code; -1: killed by a signal
    int signal = 0;        // the signal that killed it; 0: it exited
    bool late = false;     // one of the time limits was reached
    std::string out, err;  // its standard output and error
    double seconds = 0;    // wall-clock time
};

// Runs a program to completion, in a process group of its own. Whatever it has started and left
// running in that group ends with it: at its own end, at a time limit, and when SIGINT (Ctrl-C),
// SIGTERM, SIGHUP or SIGQUIT reaches us, which is passed on to the group first and then does what it
// would have done. Only SIGKILL cannot be passed on. What has left the group goes on, but nobody
// waits for it or reads what it writes. Throws as start_program() does, and FileError if
// options.output cannot be opened.
ProcessResult run_process(const std::vector<std::string>& command,
                          const ProcessOptions& options = {});

}  // namespace gradus
