// SPDX-License-Identifier: MIT
// The graph that a variable was computed by, as a diagram.
#pragma once

#include "autograd/variable.h"
#include "nn/plot/picture.h"

namespace gradus {

// Everything `root` was computed from, in the order of graph_nodes() and so with the numbers of
// graph_text(). Each node shows its name and operation, its data and, where backward() has left
// one, its gradient; for more than 4 elements, the shape instead. Throws std::invalid_argument if
// root is undefined.
Diagram diagram(const Variable& root);

}  // namespace gradus
