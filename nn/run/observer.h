// SPDX-License-Identifier: MIT
// Anything that watches a run: the display, the log, the report. An observer sees the state but
// cannot change it, and never draws from the random streams used for training, so a run is
// bit-for-bit identical whatever observes it.
#pragma once

#include <string>

#include "nn/run/run_state.h"

namespace gradus {

class Observer {
 public:
    virtual ~Observer() = default;

    virtual std::string name() const = 0;     // "report.html": named in the warning if it fails
    virtual void begun(const RunState&) {}    // before the first step of this session
    virtual void stepped(const RunState&) {}  // after each step
    // Now and then while something else takes time. what: "evaluating"; done: from 0 to 1.
    virtual void busy(const RunState&, const std::string& /*what*/, double /*done*/) {}
    virtual void evaluated(const RunState&) {}  // after an evaluation, which follows a step or
                                                // precedes the first one
    virtual void ended(const RunState&, bool /*finished*/) {}  // finished: not interrupted
    virtual void note(const std::string&) {}                   // a line for the user
};

}  // namespace gradus
