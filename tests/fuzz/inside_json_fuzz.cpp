// SPDX-License-Identifier: MIT
// The pictures of a run that is resumed.
#include "nn/files/atomic_file.h"
#include "nn/run/snapshots.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string pictures() {
    save_drawings(fuzz::folder(), {{.step = 3, .text = "a", .drawings = {{{}, "<svg></svg>"}}}});
    return read_file(fuzz::folder() + "/inside.json");
}

static const fuzz::Reader inside_json_reader(
    "inside_json",
    [](std::string_view text) {
        fuzz::file("inside.json", text);
        std::vector<Snapshot> snapshots = {{.step = 3}, {.step = 5}};
        load_drawings(fuzz::folder(), snapshots);
    },
    {pictures()});
