// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "tensor/error.h"

namespace gradus {

// The message of the FileError that `action` throws; "" if it throws none.
inline std::string file_error(const std::function<void()>& action) {
    try {
        action();
    } catch (const FileError& error) {
        return error.what();
    }
    return "";
}

}  // namespace gradus
