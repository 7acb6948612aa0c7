// SPDX-License-Identifier: MIT
// The graph that a variable was computed by, as a diagram.
#pragma once

#include "autograd/variable.h"
#include "nn/plot/picture.h"

namespace gradus {

// Everything `root` was made of, in the order of graph_nodes() and so with the numbers of
// graph_text(). Of each node its name and operation, its data and, where backward() has left one,
// its gradient; of more than 4 elements the shape. Throws std::invalid_argument if root is
// undefined.
Diagram diagram(const Variable& root);

}  // namespace gradus
