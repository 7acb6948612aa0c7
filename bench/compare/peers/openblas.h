// SPDX-License-Identifier: MIT
// OpenBLAS, if this machine has it: loaded at run time, never linked.
#pragma once

#include <string>

#include "tensor/real.h"

namespace gradus::bench {

class OpenBlas {
 public:
    // Looks where Linux distributions and Homebrew install it, or only at $GRADUS_OPENBLAS if that
    // is set. Never throws: see found().
    OpenBlas();

    bool found() const { return sgemm_ != nullptr; }
    // Version and build of the library found, or one line saying why none was.
    const std::string& about() const { return about_; }

    void set_threads(int n) const;
    // c (M, N) = a (M, K) b (K, N), row-major.
    void matmul(float* c, const float* a, const float* b, Index M, Index N, Index K) const;

 private:
    // The type of cblas_sgemm (order, transpose and sizes are int).
    using Sgemm = void (*)(int, int, int, int, int, int, float, const float*, int, const float*,
                           int, float, float*, int);
    Sgemm sgemm_ = nullptr;
    void (*set_threads_)(int) = nullptr;
    std::string about_;
};

}  // namespace gradus::bench
