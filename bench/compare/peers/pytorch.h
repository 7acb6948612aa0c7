// SPDX-License-Identifier: MIT
// PyTorch, if a Python on this machine has it: a child process that runs pytorch_peer.py and sleeps
// between its turns.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bench/compare/peers/child.h"
#include "bench/compare/step_case.h"

namespace gradus::bench {

// A way to divide the processors between PyTorch and the matrix library below it. Which is fastest
// depends on how both were built.
struct PytorchSetting {
    std::string name;
    int threads;  // torch.set_num_threads
    Environment environment;
};
std::vector<PytorchSetting> pytorch_settings(int threads);

// A Python that can import torch.
class Pytorch {
 public:
    // Tries python3 and /usr/bin/python3, or only $GRADUS_PYTHON if that is set. Takes as long as
    // the import, some seconds. Never throws: see found().
    Pytorch();

    bool found() const { return !python_.empty(); }
    const std::string& python() const { return python_; }
    // Version and program, or one line on why none was found.
    const std::string& about() const { return about_; }

 private:
    std::string python_, about_;
};

// One model in a process of its own.
class PytorchStep {
 public:
    // Starts it and builds the model. Throws PeerError, also if the model has a different number of
    // parameters from ours: then it is not the same model.
    PytorchStep(const Pytorch& pytorch, const PytorchSetting& setting, const StepCase& c,
                const std::string& precision);

    // Seconds for `steps` training steps by its own clock. Throws PeerError, also after `limit`
    // seconds without an answer.
    double run(int steps, double limit = 600);
    // Its peak memory beyond what it had before building the model, in bytes.
    double peak_bytes();

 private:
    double ask(const std::string& command, const std::string& answer, double limit);
    Child child_;
};

}  // namespace gradus::bench
