// SPDX-License-Identifier: MIT
// Renders the computation graph as Graphviz source or as an indented tree.
#pragma once

#include <string>
#include <vector>

#include "autograd/variable.h"

namespace gradus {

// All nodes that `root` was made from, and root itself, oldest first: each node after its inputs.
std::vector<const Node*> graph_nodes(const Variable& root);

// A Graphviz digraph of everything `root` was made from: boxes are values (name or op, and shape;
// small ones also show their elements and gradients), and arrows run from inputs to results. Render
// it with
//     dot -Tsvg graph.dot > graph.svg
std::string graph_dot(const Variable& root);

// The same graph as text, with inputs indented below their result; a node reached a second time is
// shown as "see #n".
//   #3 add () = 7, grad 1
//     #2 mul () = 6, grad 1
//       #0 a () = 2, grad 3
std::string graph_text(const Variable& root);

}  // namespace gradus
