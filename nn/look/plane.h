// SPDX-License-Identifier: MIT
// A Boundary filled from tensors: points of two classes in a plane, and what a classifier says of
// every cell of it.
//     Boundary film = plane_of(x, y);
//     add_frame(film, "step 0", probability(cells_of(film)));
#pragma once

#include "autograd/elementwise.h"
#include "nn/plot/picture.h"
#include "tensor/tensor.h"

namespace gradus {

// The plane around some points, a tenth of their extent wider at each side, in cells that are about
// square. There is no frame yet, and no caption.
//   x: (N, 2)   y: N values, 0 or 1
//   Throws std::invalid_argument for other shapes or numbers, and where all points are in one line
//   along an axis.
Boundary plane_of(const Tensor& x, const Tensor& y);

// The middle of each cell, row by row from the top: (rows * columns, 2), what the classifier is to
// be asked.
Tensor cells_of(const Boundary& plane);

// Adds a frame: how probable the second class is at each of cells_of(plane).
//   Throws std::invalid_argument unless there are rows * columns numbers.
void add_frame(Boundary& plane, const std::string& name, const Tensor& probability);

// The plane as a model of two classes sees it now: sigmoid of its logit at every cell. Records no
// graph.
template <class Model>
Boundary boundary_of(const Model& model, const Tensor& x, const Tensor& y) {
    const NoGrad no_graph;
    Boundary plane = plane_of(x, y);
    plane.caption = {"The decision boundary", "It follows the gap between the classes.",
                     "it is straight, or winds around single points."};
    add_frame(plane, "", sigmoid(model(cells_of(plane))).value());
    return plane;
}

}  // namespace gradus
