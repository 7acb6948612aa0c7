// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace gradus {

// What the system calls this processor ("AMD EPYC 7R13"), or its architecture ("x86_64") if the
// system has no name for it.
std::string processor_name();

}  // namespace gradus
