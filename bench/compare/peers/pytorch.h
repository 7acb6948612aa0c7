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

// A way to divide the threads between PyTorch and the matrix library that it calls. The fastest
// setting depends on how both were built.
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
    // the import does: a few seconds. Never throws: see found().
    Pytorch();

    bool found() const { return !python_.empty(); }
    const std::string& python() const { return python_; }
    // Version and Python program, or one line saying why PyTorch was not found.
    const std::string& about() const { return about_; }

 private:
    std::string python_, about_;
};

// One model in a process of its own.
class PytorchStep {
 public:
    // Starts the process and builds the model. Throws PeerError on failure, including when the
    // model does not have as many parameters as ours: then the two are not the same model.
    PytorchStep(const Pytorch& pytorch, const PytorchSetting& setting, const StepCase& c,
                const std::string& precision);

    // Runs `steps` training steps and returns their duration in seconds, by the process's own
    // clock. Throws PeerError on failure, including when no answer comes within `limit` seconds.
    double run(int steps, double limit = 600);
    // The peak memory of the process, in bytes, minus what it used before building the model.
    double peak_bytes();

 private:
    double ask(const std::string& command, const std::string& answer, double limit);
    Child child_;
};

}  // namespace gradus::bench
