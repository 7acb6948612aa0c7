// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace gradus {

// What the system calls this processor, "AMD EPYC 7R13"; its architecture, "x86_64", where it has
// no name.
std::string processor_name();

}  // namespace gradus
