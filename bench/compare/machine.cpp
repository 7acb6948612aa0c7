// SPDX-License-Identifier: MIT
#include "bench/compare/machine.h"

#include <fmt/core.h>
#include <stdlib.h>  // getloadavg
#include <unistd.h>

#include <fstream>
#include <thread>

#include "tensor/ops.h"
#include "tensor/parallel.h"
#include "tensor/processor.h"

namespace gradus::bench {
namespace {

std::string first_line(const std::string& path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

// "L1d 32K, L2 512K, L3 8192K", as the kernel reports them.
std::string caches() {
    std::string text;
    for (int i = 0;; ++i) {
        const std::string folder = fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/", i);
        const std::string level = first_line(folder + "level"), type = first_line(folder + "type");
        if (level.empty()) return text.empty() ? "unknown" : text;
        if (type == "Instruction") continue;
        text += fmt::format("{}L{}{} {}", text.empty() ? "" : ", ", level,
                            type == "Data" ? "d" : "", first_line(folder + "size"));
    }
}

std::string compiler() {
#ifdef __clang__
    return std::string("clang++ ") + __clang_version__;
#else
    return std::string("g++ ") + __VERSION__;
#endif
}

}  // namespace

std::vector<std::pair<std::string, std::string>> describe_machine() {
    const double memory =
        static_cast<double>(sysconf(_SC_PHYS_PAGES)) * static_cast<double>(sysconf(_SC_PAGE_SIZE));
    double load[1] = {0};
    getloadavg(load, 1);
    std::vector<std::pair<std::string, std::string>> list = {
        {"processor", fmt::format("{}, {} threads can run at once", processor_name(),
                                  std::thread::hardware_concurrency())},
        {"caches", caches()},
        {"memory", fmt::format("{:.1f} GiB", memory / (1 << 30))},
        {"compiler", compiler()},
        {"flags", GRADUS_BENCH_FLAGS},
        {"instruction set", isa()},
        {"threads", fmt::format("{}", threads())},
        {"load", fmt::format("{:.1f} in the last minute{}", load[0],
                             load[0] > 0.5 ? ": other programs want the processor too" : "")}};
#ifndef NDEBUG
    list.emplace_back("build", "Debug: these times mean little");
#endif
    return list;
}

}  // namespace gradus::bench
