// SPDX-License-Identifier: MIT
// Fuzzing: each file in this folder feeds arbitrary bytes to one of the library's readers. A reader
// may refuse them with FileError or std::invalid_argument; any other exception, a sanitizer's
// report, a hang or 2 GB of memory is a finding. The engine is clang's libFuzzer.
//
//     cmake --preset asan -DCMAKE_CXX_COMPILER=clang++ -DGRADUS_LESSONS=OFF -DGRADUS_FUZZ=ON
//     cmake --build build/asan --target gradus-fuzz
//     build/asan/bin/gradus-fuzz                                  # the names of the readers
//     build/asan/bin/gradus-fuzz safetensors -max_total_time=600  # any option of libFuzzer
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::fuzz {

// One reader; a static object of each file registers it.
struct Reader {
    Reader(std::string name, std::function<void(std::string_view)> read,
           std::vector<std::string> seeds);

    std::string name;
    std::function<void(std::string_view)> read;
    std::vector<std::string> seeds;  // valid inputs to begin with
};

// The path of a file with these contents, in this process's own folder, which is in memory (/dev/shm)
// where there is such a thing. The next call for the same name replaces the file.
std::string file(const std::string& name, std::string_view contents);
std::string folder();

// What is wrong with the library itself: ends the process, as a failed check of a sanitizer does.
void check(bool ok, const char* what);

}  // namespace gradus::fuzz
