// SPDX-License-Identifier: MIT
// How far a long task is. The loops that may take seconds (evaluating a model, reading and writing one)
// report it; whoever wants to show it listens. Without a listener a report costs a comparison.
//     const Progress shown([&](double done) { line(done); });
//     save_safetensors(path, tensors);
#pragma once

#include <functional>

namespace gradus {

// While an object of this class exists, it hears the reports on this thread; of several, the innermost.
class Progress {
 public:
    explicit Progress(std::function<void(double done)> listener);  // done: from 0 to 1
    // Passes them on to the one outside, as from `begin` to `end` of its task.
    Progress(double begin, double end);
    ~Progress();
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    static void report(double done);

 private:
    std::function<void(double)> listener_;
    Progress* outer_;
};

}  // namespace gradus
