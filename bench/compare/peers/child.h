// SPDX-License-Identifier: MIT
// A child process that answers line by line, through pipes connected to its standard input and
// output. Its standard error is not shown.
#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "nn/files/process.h"

namespace gradus::bench {

// The child process does not answer, or answers with an error.
class PeerError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Child {
 public:
    // command[0] is looked up in PATH. A program that cannot be executed is noticed only when its
    // first answer does not come. Makes this process ignore SIGPIPE from then on. Throws what
    // start_program() throws.
    Child(const std::vector<std::string>& command, const Environment& environment);
    ~Child();  // kills the child process
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void send(const std::string& line);
    // The next line, without its newline. Throws PeerError if the program ends or `seconds` pass
    // before it arrives.
    std::string receive(double seconds);

 private:
    Pipe to_, from_;
    pid_t process_;
    std::string waiting_;  // received, but not yet returned
};

}  // namespace gradus::bench
