// SPDX-License-Identifier: MIT
// Snapshots of a model during training: a sample, and pictures of the model's internals. The file
// inside.json in the run's folder stores the pictures, because a resumed run cannot redraw them.
#pragma once

#include <string>
#include <vector>

#include "nn/plot/svg.h"
#include "tensor/real.h"

namespace gradus {

// A picture already drawn, so that a report can show pictures of any kind.
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

// Replaces inside.json as a whole with the pictures of all snapshots that have any. Throws
// FileError on failure.
void save_drawings(const std::string& folder, const std::vector<Snapshot>& snapshots);

// Puts the pictures in inside.json back into the snapshots of the same steps. Does nothing if there
// is no such file. If the file is damaged, throws FileError, naming it, and leaves the snapshots
// unchanged.
void load_drawings(const std::string& folder, std::vector<Snapshot>& snapshots);

}  // namespace gradus
