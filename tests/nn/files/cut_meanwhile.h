// SPDX-License-Identifier: MIT
// Reading a file that another process cuts at the same moment: a mapping then shows zeros in its
// place, which a reader must not take for the file's.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

namespace gradus {

// Reads a file 30 times (8 under a sanitizer) while it is cut, each time a little later: within the
// first `part` of the time that reading takes. `read` returns whether what it got is right, or throws
// FileError. Returns how often it was wrong: -1 if it is without a cut, too.
inline int wrong_when_cut(const std::string& contents,
                          const std::function<bool(const std::string&)>& read, double part = 1) {
    using Clock = std::chrono::steady_clock;
    const TemporaryFolder folder(memory_folder());
    const std::string path = folder.file("cut");
    auto whole = Clock::duration::max();
    for (int i = 0; i < 3; ++i) {
        write_file(path, contents);
        const auto begin = Clock::now();
        if (!read(path)) return -1;
        whole = std::min(whole, Clock::now() - begin);
    }
    int wrong = 0;
    constexpr int kTimes = kSanitized ? 8 : 30;
    for (int i = 0; i < kTimes; ++i) {
        write_file(path, contents);
        std::atomic<bool> ready = false, go = false;
        std::thread cutter([&] {
            ready = true;
            while (!go) {
            }
            const auto due = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                whole * (part * i / kTimes));
            while (Clock::now() < due) {
            }
            // Odd: before it is opened, half a file of 16-bit tokens would be a file of tokens.
            const auto half = static_cast<off_t>(contents.size() / 2 | 1);
            [[maybe_unused]] const int cut = ::truncate(path.c_str(), half);
        });
        while (!ready) {
        }
        go = true;
        try {
            wrong += !read(path);
        } catch (const FileError&) {  // as it should be
        }
        cutter.join();
    }
    return wrong;
}

}  // namespace gradus
