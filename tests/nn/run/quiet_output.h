// SPDX-License-Identifier: MIT
// Redirects standard output to a file while one exists.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"

namespace gradus {

class QuietOutput {
 public:
    QuietOutput() : path_(folder_.file("out")) {
        std::fflush(stdout);
        saved_ = ::dup(1);
        std::FILE* file = std::fopen(path_.c_str(), "w");
        ::dup2(::fileno(file), 1);
        std::fclose(file);
    }
    ~QuietOutput() { restore(); }
    std::string text() {
        restore();
        return read_file(path_);
    }

 private:
    void restore() {
        std::fflush(stdout);
        if (saved_ >= 0) ::dup2(saved_, 1), ::close(saved_), saved_ = -1;
    }
    TemporaryFolder folder_;
    std::string path_;
    int saved_ = -1;
};

}  // namespace gradus
