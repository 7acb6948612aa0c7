// SPDX-License-Identifier: MIT
// inside.json in a run's folder: what report.html shows of the model's inside. A run that is taken
// up again cannot go back to look.
#pragma once

#include <string>
#include <vector>

#include "nn/plot/picture.h"
#include "nn/run/run_folder.h"

namespace gradus {

// What the model did inside at one moment of its training, while it read the prompt.
struct Snapshot {
    RunSample sample;    // what it then wrote
    BarChart next;       // what it might write
    HeatMaps attention;  // of all heads, or the first of them
};

// Replaces the file as a whole. Numbers are kept to 0.001: the page shows no more. Throws
// FileError.
void save_snapshots(const std::string& folder, const std::vector<Snapshot>& moments);

// None if there is no such file, as in runs of older versions. Throws FileError, naming the file,
// if it is damaged.
std::vector<Snapshot> load_snapshots(const std::string& folder);

}  // namespace gradus
