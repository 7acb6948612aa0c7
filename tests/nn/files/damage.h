// SPDX-License-Identifier: MIT
// What every reader of files must survive: a valid file cut short at any place, or with a wrong
// byte. The address sanitizer would show here if a size were trusted.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "tensor/error.h"
#include "tensor/random.h"

namespace gradus {

// Reads 200 beginnings of `valid` and 1000 copies of it with one byte changed. A reader may refuse
// them in one line; returns how many it refused.
inline int refused_damage(const std::string& valid,
                          const std::function<void(const std::string&)>& read) {
    int refused = 0;
    const auto attempt = [&](const std::string& damaged) {
        std::string message;
        try {
            read(damaged);
            return;
        } catch (const FileError& error) {
            message = error.what();
        } catch (const std::invalid_argument& error) {
            message = error.what();
        }
        ++refused;
        if (message.find('\n') != message.npos || message.size() > 400) FAIL_CHECK(message);
    };
    for (std::size_t i = 0; i < 200; ++i) attempt(valid.substr(0, i * valid.size() / 200));
    Random random(20261201, Stream::user);
    for (int i = 0; i < 1000; ++i) {
        std::string damaged = valid;
        char& byte = damaged[random.below(valid.size())];
        byte = static_cast<char>(byte ^ (1 + random.below(255)));
        attempt(damaged);
    }
    return refused;
}

}  // namespace gradus
