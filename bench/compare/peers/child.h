// SPDX-License-Identifier: MIT
// A program that answers line by line: what one runs with a pipe to its standard input and one from
// its standard output. What it says on standard error is not shown.
#pragma once

#include <sys/types.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace gradus::bench {

// The other side does not answer, or answers that it cannot.
class PeerError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Environment = std::vector<std::pair<std::string, std::string>>;  // added to ours

class Child {
 public:
    // command[0] is looked for in PATH. A program that cannot be started is found out by its first
    // answer. From then on this process ignores SIGPIPE. Throws PeerError without a pipe or a
    // process.
    Child(const std::vector<std::string>& command, const Environment& environment);
    ~Child();  // ends it
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void send(const std::string& line);
    // The next line, without its end. Throws PeerError if it ends or `seconds` pass before.
    std::string receive(double seconds);

 private:
    pid_t process_ = -1;
    int to_ = -1, from_ = -1;
    std::string waiting_;  // received behind the last line
};

}  // namespace gradus::bench
