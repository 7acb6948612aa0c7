// SPDX-License-Identifier: MIT
#include "bench/compare/peers/pytorch.h"

#include <fmt/core.h>

#include <cstdlib>

namespace gradus::bench {
namespace {

constexpr double kStartSeconds = 60;  // hundreds of MB of libraries from a cold disk
constexpr double kBuildSeconds = 120;

std::string count(int n) {
    return fmt::format("{}", n);
}

}  // namespace

std::vector<PytorchSetting> pytorch_settings(int threads) {
    // Intel's OpenMP spins for 200 ms after a loop; no gap within a step is as long as 30 ms.
    const auto with = [](Environment more) {
        more.emplace_back("KMP_BLOCKTIME", "30");
        return more;
    };
    const std::string n = count(threads);
    if (threads == 1)
        return {{"1 thread", 1, with({{"OMP_NUM_THREADS", "1"}, {"OPENBLAS_NUM_THREADS", "1"}})}};
    return {{"set_num_threads(1), OPENBLAS_NUM_THREADS=" + n, 1,
             with({{"OMP_NUM_THREADS", "1"}, {"OPENBLAS_NUM_THREADS", n}})},
            {"set_num_threads(" + n + "), OMP_WAIT_POLICY=passive", threads,
             with({{"OMP_NUM_THREADS", n},
                   {"OPENBLAS_NUM_THREADS", n},
                   {"OMP_WAIT_POLICY", "passive"}})},
            {"set_num_threads(" + n + ")", threads, with({{"OMP_NUM_THREADS", n}})}};
}

Pytorch::Pytorch() {
    std::vector<std::string> candidates = {"python3", "/usr/bin/python3"};
    const char* chosen = std::getenv("GRADUS_PYTHON");
    if (chosen) candidates = {chosen};
    for (const std::string& python : candidates) {
        try {
            Child child({python, GRADUS_PYTORCH_PEER}, {});
            const std::string answer = child.receive(kStartSeconds);
            if (answer.rfind("ready ", 0) != 0) continue;
            python_ = python;
            about_ = fmt::format("{}, eager, by {}", answer.substr(6), python);
            return;
        } catch (const PeerError&) {
            // No such program, or one that is not Python: the next may be.
        }
    }
    about_ = chosen ? fmt::format("not found: GRADUS_PYTHON={} does not import torch", chosen)
                    : "not installed (apt: python3-torch)";
}

PytorchStep::PytorchStep(const Pytorch& pytorch, const PytorchSetting& setting, const StepCase& c,
                         const std::string& precision)
    : child_({pytorch.python(), GRADUS_PYTORCH_PEER}, setting.environment) {
    const std::string answer = child_.receive(kStartSeconds);
    if (answer.rfind("ready ", 0) != 0) throw PeerError(answer);
    const GptConfig& m = c.model;
    const double built =
        ask(fmt::format(
                "build layers={} heads={} width={} context={} vocabulary={} bias={} dropout={} "
                "batch={} length={} precision={} threads={}",
                m.layers, m.heads, m.width, m.context, m.vocabulary, m.bias == Bias::yes ? 1 : 0,
                m.dropout, c.batch, c.length, precision, setting.threads),
            "built", kBuildSeconds);
    if (static_cast<Index>(built) != m.parameter_count())
        throw PeerError(fmt::format("its model has {:.0f} parameters, ours {}: not compared", built,
                                    m.parameter_count()));
}

double PytorchStep::run(int steps, double limit) {
    return ask("step " + count(steps), "took", limit);
}

double PytorchStep::peak_bytes() {
    return ask("memory", "memory", kStartSeconds);
}

double PytorchStep::ask(const std::string& command, const std::string& answer, double limit) {
    child_.send(command);
    const std::string line = child_.receive(limit);
    const std::string begin = answer + " ";
    char* end = nullptr;
    const double number =
        line.rfind(begin, 0) == 0 ? std::strtod(line.c_str() + begin.size(), &end) : 0;
    if (!end || *end != '\0') throw PeerError(fmt::format("it answers \"{}\"", line));
    return number;
}

}  // namespace gradus::bench
