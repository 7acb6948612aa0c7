// SPDX-License-Identifier: MIT
// The graph that computed a variable, as a diagram.
#pragma once

#include "autograd/variable.h"
#include "nn/plot/picture.h"

namespace gradus {

// Everything `root` was computed from, in the order of graph_nodes(), so that the numbers match
// those of graph_text(). Each node shows its name and operation, its data and, if backward() has
// left one, its gradient; a tensor of more than 4 elements shows its shape instead. Throws
// std::invalid_argument if root is undefined.
Diagram diagram(const Variable& root);

}  // namespace gradus
