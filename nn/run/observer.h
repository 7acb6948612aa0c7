// SPDX-License-Identifier: MIT
// Whoever watches a run: the display, the log, the report. An observer sees the state and cannot
// change it, and never draws from a random stream of training, so a run is the same to the bit
// whoever looks on.
#pragma once

#include <string>

#include "nn/run/run_state.h"

namespace gradus {

class Observer {
 public:
    virtual ~Observer() = default;

    virtual std::string name() const = 0;       // "report.html": what is named when it fails
    virtual void begun(const RunState&) {}      // before the first step of this sitting
    virtual void stepped(const RunState&) {}    // a step is done
    virtual void evaluated(const RunState&) {}  // the model was evaluated, after that step or
                                                // before the first one
    virtual void ended(const RunState&, bool /*finished*/) {}  // finished: all steps are done
    virtual void note(const std::string&) {}                   // a line for whoever reads along
};

}  // namespace gradus
