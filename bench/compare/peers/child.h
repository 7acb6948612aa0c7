// SPDX-License-Identifier: MIT
// A program that answers line by line: what one runs with a pipe to its standard input and one from
// its standard output. What it says on standard error is not shown.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::bench {

// The other side does not answer, or answers that it cannot.
class PeerError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Child {
 public:
    // command[0] is looked for in PATH. A program that cannot be started is found out by its first
    // answer. From then on this process ignores SIGPIPE. Throws as start_program() does.
    Child(const std::vector<std::string>& command, const Environment& environment);
    ~Child();  // ends it
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void send(const std::string& line);
    // The next line, without its end. Throws PeerError if it ends or `seconds` pass before.
    std::string receive(double seconds);

 private:
    Pipe to_, from_;
    pid_t process_;
    std::string waiting_;  // received after the last line
};

}  // namespace gradus::bench
