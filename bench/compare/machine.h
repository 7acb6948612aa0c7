// SPDX-License-Identifier: MIT
// What the numbers depend on: processor, memory, compiler, flags, threads.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace gradus::bench {

// Names and values in printing order: "processor" -> "AMD EPYC, 2 threads can run at once".
std::vector<std::pair<std::string, std::string>> describe_machine();

}  // namespace gradus::bench
