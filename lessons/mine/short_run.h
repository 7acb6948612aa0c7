// SPDX-License-Identifier: MIT
// The short, deterministic run in which ./gradus blame exchanges one lesson's parts.
#pragma once

#include <string>
#include <vector>

#include "tensor/real.h"

namespace gradus::lessons {

// A step of the run: what it is called, and its number.
struct Event {
    std::string name;
    double number;
};

// A GPT of two blocks and two heads learns short stories, then writes, on the parts in use.
std::vector<Event> short_run();

// The largest relative difference between the losses and norms of a run on the library's own parts
// and one on the reference's, which it installs.
double largest_difference(Index steps);

}  // namespace gradus::lessons
