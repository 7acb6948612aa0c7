// SPDX-License-Identifier: MIT
// What a model made, and what it looked like inside, at steps of its training; and inside.json in
// a run's folder, which keeps the pictures: a run that is resumed cannot go back to look.
#pragma once

#include <string>
#include <vector>

#include "nn/plot/svg.h"
#include "tensor/real.h"

namespace gradus {

// A picture that is drawn already: what a report can show whatever kind it was.
struct Drawing {
    Caption caption;
    std::string svg;
};

// Any picture of nn/plot, drawn.
template <class Picture>
Drawing drawing(const Picture& picture) {
    return {picture.caption, svg(picture)};
}

struct Snapshot {
    Index step = 0;
    double val = 0;         // validation loss
    std::string text = "";  // what the model then made; empty where the task has no samples
    std::vector<Drawing> drawings = {};
};

// Replaces the file as a whole: the pictures of each snapshot that has some. Throws FileError.
void save_drawings(const std::string& folder, const std::vector<Snapshot>& snapshots);

// Puts the pictures back into the snapshots of the same step. None if there is no such file.
// Throws FileError, naming the file, if it is damaged; the snapshots are then as they were.
void load_drawings(const std::string& folder, std::vector<Snapshot>& snapshots);

}  // namespace gradus
