// SPDX-License-Identifier: MIT
// Fills a Boundary from tensors: points of two classes in a plane, and a classifier's output at
// every cell of the plane.
//     Boundary film = plane_of(x, y);
//     add_frame(film, "step 0", probability(cells_of(film)));
#pragma once

#include "autograd/elementwise.h"
#include "nn/plot/picture.h"
#include "tensor/tensor.h"

namespace gradus {

// The plane around the points, wider than their extent by a tenth on each side and divided into
// roughly square cells. It has no frames and no caption yet.
//   x: (N, 2)   y: N values, 0 or 1
//   Throws std::invalid_argument for other shapes or values, and if all points lie on one line
//   parallel to an axis.
Boundary plane_of(const Tensor& x, const Tensor& y);

// The centre of each cell, row by row from the top: (rows * columns, 2), as input for the
// classifier.
Tensor cells_of(const Boundary& plane);

// Adds a frame: the probability of the second class at each of cells_of(plane).
//   Throws std::invalid_argument unless there are rows * columns values.
void add_frame(Boundary& plane, const std::string& name, const Tensor& probability);

// The plane with the current output of a binary classifier: the sigmoid of its logit at every cell.
// Records no graph.
template <class Model>
Boundary boundary_of(const Model& model, const Tensor& x, const Tensor& y) {
    const NoGrad no_graph;
    Boundary plane = plane_of(x, y);
    plane.caption = {"The decision boundary", "It follows the gap between the classes.",
                     "it is straight, or winds around individual points."};
    add_frame(plane, "", sigmoid(model(cells_of(plane))).value());
    return plane;
}

}  // namespace gradus
