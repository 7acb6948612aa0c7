// SPDX-License-Identifier: MIT
#include "bench/compare/sections.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "tensor/parallel.h"

namespace gradus::bench {
namespace {

// About three significant digits.
std::string digits(double x) {
    if (!std::isfinite(x)) return "";
    return fmt::format("{:.{}f}", x, x >= 99.95 ? 0 : x >= 9.995 ? 1 : x >= 0.9995 ? 2 : 3);
}

}  // namespace

const std::vector<Section>& sections() {
    static const std::vector<Section> list = {
        {"limits", "the limits of the processor and its memory", plan_limits, true},
        {"matmul", "matrix products beside OpenBLAS and the naive loops", plan_matmul, true},
        {"step", "training steps of three GPTs beside PyTorch, and their memory", plan_step, true},
        {"decode", "generating text, token by token, in floats and in 8 bits", plan_decode, false},
        {"profile", "where the time of a training step goes, and a roofline picture", plan_profile,
         false},
        {"scaling", "the time of a training step against width, depth, context, batch and threads",
         plan_scaling, false},
    };
    return list;
}

void run_plan(const Plan& plan, Comparison& comparison) {
    double total = 0, done = 0;
    for (const Job& job : plan) total += job.seconds;
    const auto start = std::chrono::steady_clock::now();
    for (const Job& job : plan) {
        const Tick tick = [&](double part) {
            const double now = done + part * job.seconds;
            const double elapsed =
                std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
            // Until there is something to go by, the guesses are taken as they are.
            const double pace = now > 0 && elapsed > 1 ? elapsed / now : 1;
            comparison.display.progress(job.name, total > 0 ? now / total : 0,
                                        pace * (total - now));
        };
        if (job.seconds > 0) tick(0);
        job.run(tick);
        done += job.seconds;
    }
}

void use_threads(int n) {
    set_threads(n);
    parallel_for(n, 1, [](Index, Index) {});
}

std::string milliseconds(double seconds) {
    return digits(1e3 * seconds);
}
std::string giga(double per_second) {
    return digits(per_second / 1e9);
}
std::string percent(double part) {
    return std::isfinite(part) ? fmt::format("{:.0f} %", 100 * part) : "";
}
std::string threads_text(int n) {
    return n == 1 ? "1 thread" : fmt::format("{} threads", n);
}

}  // namespace gradus::bench
