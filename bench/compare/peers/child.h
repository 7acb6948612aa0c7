// SPDX-License-Identifier: MIT
// A program that answers line by line, run with a pipe to its standard input and one from its
// standard output. Its standard error is not shown.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::bench {

// The other side does not answer, or answers with an error.
class PeerError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Child {
 public:
    // command[0] is looked up in PATH. A program that cannot be started is only noticed at its
    // first answer. Makes this process ignore SIGPIPE for good. Throws as start_program() does.
    Child(const std::vector<std::string>& command, const Environment& environment);
    ~Child();  // ends it
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void send(const std::string& line);
    // The next line, without its newline. Throws PeerError if the program ends or `seconds` pass
    // before it arrives.
    std::string receive(double seconds);

 private:
    Pipe to_, from_;
    pid_t process_;
    std::string waiting_;  // received after the last line
};

}  // namespace gradus::bench
