// SPDX-License-Identifier: MIT
// Names and shapes from model files, fit for one-line messages: whatever bytes a file holds, they can
// break neither the line nor the terminal.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tensor/real.h"

namespace gradus {

// Quoted as in JSON, and truncated to at most 60 bytes.
std::string quoted_name(std::string_view name);

// "(2, 3)", as Shape prints it; only the first 8 sizes of a longer list.
std::string shape_text(const std::vector<Index>& shape);

// "; near names: "wte.weight", "wpe.weight"" for a name that is not among these; "" if none is near.
std::string near_text(std::string_view name, const std::vector<std::string>& names);

// The message for a name that a file lacks: "no tensor "wte" among 3; near names: "wte.weight"".
std::string no_tensor(std::string_view name, const std::vector<std::string>& names);

}  // namespace gradus
