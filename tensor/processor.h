// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace gradus {

// The system's name for this processor ("AMD EPYC 7R13"), or its architecture ("x86_64") if the
// system gives no name.
std::string processor_name();

}  // namespace gradus
