// SPDX-License-Identifier: MIT
// Error messages: one line with the operation, the rule, the offending values and, if the fix is
// known, a hint. Nothing here aborts; a program's main() prints the line and exits with status 2.
#pragma once

#include <fmt/core.h>

#include <stdexcept>
#include <string>
#include <utility>

namespace gradus {

// Throws std::invalid_argument with the formatted message unless `ok`.
//   require(x.rank() == 3, "attention: needs (B, T, 3C), got {}", x.shape());
// For the functions that users call; kernels do not repeat the checks.
template <class... Args>
void require(bool ok, fmt::format_string<Args...> format, Args&&... args) {
    if (!ok) [[unlikely]]
        throw std::invalid_argument(fmt::format(format, std::forward<Args>(args)...));
}

// A file that cannot be read or written, or whose contents break the rules of its format.
// The message begins with the path: "model.safetensors: header says 96 bytes, file has 40".
class FileError : public std::runtime_error {
 public:
    FileError(const std::string& path, const std::string& what)
        : std::runtime_error(path + ": " + what) {}
    FileError(const FileError& error, const std::string& hint)
        : std::runtime_error(error.what() + hint) {}
};

// Training cannot continue because a loss or a gradient is NaN or infinite. The message names the
// first operation that produced such a value.
class NotFiniteError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

}  // namespace gradus
