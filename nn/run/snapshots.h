// SPDX-License-Identifier: MIT
// Snapshots of a model during training: a sample and pictures of its inside; and inside.json in a
// run's folder, which keeps the pictures, because a resumed run cannot go back and draw them.
#pragma once

#include <string>
#include <vector>

#include "nn/plot/svg.h"
#include "tensor/real.h"

namespace gradus {

// A picture already drawn, so that a report can show it whatever its kind.
struct Drawing {
    Caption caption;
    std::string svg;
};

// Draws any picture of nn/plot.
template <class Picture>
Drawing drawing(const Picture& picture) {
    return {picture.caption, svg(picture)};
}

struct Snapshot {
    Index step = 0;
    double val = 0;         // validation loss
    std::string text = "";  // a sample from the model; empty if the task has no samples
    std::vector<Drawing> drawings = {};
};

// Replaces the file as a whole, with the pictures of every snapshot that has any. Throws FileError.
void save_drawings(const std::string& folder, const std::vector<Snapshot>& snapshots);

// Puts the pictures back into the snapshots of the same steps. Does nothing if there is no such
// file. Throws FileError, naming the file, if it is damaged; the snapshots are then unchanged.
void load_drawings(const std::string& folder, std::vector<Snapshot>& snapshots);

}  // namespace gradus
