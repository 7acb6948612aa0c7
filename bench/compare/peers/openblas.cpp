// SPDX-License-Identifier: MIT
#include "bench/compare/peers/openblas.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <cstdlib>
#include <vector>

namespace gradus::bench {
namespace {

constexpr int kRowMajor = 101, kNoTranspose = 111;  // CblasRowMajor, CblasNoTrans

std::vector<std::string> places() {
    if (const char* file = std::getenv("GRADUS_OPENBLAS")) return {file};
    return {"libopenblas.so.0",  // Debian, Arch, Fedora
            "/usr/lib/x86_64-linux-gnu/openblas-pthread/libopenblas.so.0",
            "/usr/lib/aarch64-linux-gnu/openblas-pthread/libopenblas.so.0",
            "libopenblasp.so.0",
            "libopenblas.so",
            "/opt/homebrew/opt/openblas/lib/libopenblas.dylib",
            "/usr/local/opt/openblas/lib/libopenblas.dylib"};
}

}  // namespace

OpenBlas::OpenBlas() {
    // Its threads wait for more work for 2^26 ticks before they sleep, 33 ms at 2 GHz, and would
    // take the processor from us. 2^20 ticks, 0.5 ms, is longer than any gap between the calls of
    // its own turn, so this costs it nothing.
    setenv("OPENBLAS_THREAD_TIMEOUT", "20", 0);
    void* library = nullptr;
    for (const std::string& place : places()) {
        library = dlopen(place.c_str(), RTLD_LAZY | RTLD_LOCAL);
        if (library) break;
    }
    if (!library) {
        const char* file = std::getenv("GRADUS_OPENBLAS");
        about_ = file ? fmt::format("not found: GRADUS_OPENBLAS={} cannot be opened", file)
                      : "not installed (apt: libopenblas0-pthread)";
        return;
    }
    sgemm_ = reinterpret_cast<Sgemm>(dlsym(library, "cblas_sgemm"));
    set_threads_ = reinterpret_cast<void (*)(int)>(dlsym(library, "openblas_set_num_threads"));
    const auto config = reinterpret_cast<const char* (*)()>(dlsym(library, "openblas_get_config"));
    const auto parallel = reinterpret_cast<int (*)()>(dlsym(library, "openblas_get_parallel"));
    if (!sgemm_ || !set_threads_ || !config) {
        sgemm_ = nullptr;
        about_ = "found, but it has no cblas_sgemm";
        return;
    }
    const int kind = parallel ? parallel() : 1;
    about_ = fmt::format("{}, {}", config(),
                         kind == 0   ? "without threads"
                         : kind == 1 ? "pthreads"
                                     : "OpenMP");
    // Whoever set this chose its kernels, maybe not the fastest (Haswell's on a Zen 5: half the
    // speed).
    if (const char* kernels = std::getenv("OPENBLAS_CORETYPE"))
        about_ += fmt::format(", OPENBLAS_CORETYPE={} is set", kernels);
}

void OpenBlas::set_threads(int n) const {
    set_threads_(n);
}

void OpenBlas::matmul(float* c, const float* a, const float* b, Index M, Index N, Index K) const {
    const int m = static_cast<int>(M), n = static_cast<int>(N), k = static_cast<int>(K);
    sgemm_(kRowMajor, kNoTranspose, kNoTranspose, m, n, k, 1, a, k, b, n, 0, c, n);
}

}  // namespace gradus::bench
