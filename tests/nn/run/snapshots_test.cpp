// SPDX-License-Identifier: MIT
#include "nn/run/snapshots.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

TEST_CASE("drawings come back to the snapshots of their steps") {
    const TemporaryFolder folder;
    const std::vector<Snapshot> saved = {
        {.step = 0, .drawings = {{{"松", "Long \"bars\".", "even bars."}, "<svg>&</svg>"}}},
        {.step = 250},
        {.step = 500, .drawings = {{{"a", "b", "c"}, "broken \xff"}, {{"d", "", ""}, ""}}}};
    save_drawings(folder.path(), saved);
    std::vector<Snapshot> loaded = {{.step = 500, .val = 2, .text = "x"}, {.step = 0}, {.step = 7}};
    load_drawings(folder.path(), loaded);
    REQUIRE(loaded[0].drawings.size() == 2);
    CHECK(loaded[0].text == "x");
    CHECK(loaded[0].drawings[0].svg == "broken \xef\xbf\xbd");
    CHECK(loaded[0].drawings[1].caption.title == "d");
    REQUIRE(loaded[1].drawings.size() == 1);
    CHECK(loaded[1].drawings[0].svg == "<svg>&</svg>");
    CHECK(loaded[1].drawings[0].caption.look_for == "Long \"bars\".");
    CHECK(loaded[2].drawings.empty());
}

TEST_CASE("without a file there are no drawings") {
    const TemporaryFolder folder;
    std::vector<Snapshot> snapshots = {{.step = 1}};
    load_drawings(folder.path(), snapshots);
    CHECK(snapshots[0].drawings.empty());
}

TEST_CASE("what version 0.1 saw inside a model is drawn when it is loaded") {
    const TemporaryFolder folder;
    const std::string caption = R"(["Attention", "Rows look.", "all alike."])";
    const auto inside = [&](const std::string& values) {
        return R"([{"step": 3, "val": null, "text": "t", "next": {"caption": )" + caption +
               R"(, "axis": "probability", "labels": ["松", "<"], "values": [0.6, 0.1]}, )" +
               R"("attention": {"caption": )" + caption +
               R"(, "row_axis": "looks", "column_axis": "looked at", "rows": ["a", "b"], )" +
               R"("columns": ["a", "b"], "low": 0, "high": 1, "maps": [{"name": "head 1", )" +
               R"("values": )" + values + "}]}}]";
    };
    write_file(folder.file("inside.json"), inside("[1, 0, 0.25, 0.75]"));
    std::vector<Snapshot> snapshots = {{.step = 3}};
    load_drawings(folder.path(), snapshots);
    REQUIRE(snapshots[0].drawings.size() == 2);
    CHECK(contains(snapshots[0].drawings[0].svg, "松"));
    CHECK(contains(snapshots[0].drawings[1].svg, "head 1"));
    write_file(folder.file("inside.json"), inside("[1, 0, 0.25]"));
    CHECK_THROWS_AS(load_drawings(folder.path(), snapshots), FileError);
}

TEST_CASE("damaged drawings are refused with the file's name, and change nothing") {
    const TemporaryFolder folder;
    std::vector<Snapshot> snapshots = {{.step = 1, .drawings = {{{"a", "b", "c"}, "kept"}}}};
    for (const char* text :
         {"", "[", "{\"a\": 1}", "[1]", "[{\"step\": 1}]", "[null]",
          R"([{"step": 1, "drawings": [{"svg": "x"}]}])", R"([{"step": 1.5, "drawings": []}])",
          R"([{"step": -7e57, "drawings": []}])"}) {
        CAPTURE(text);
        write_file(folder.file("inside.json"), text);
        CHECK_THROWS_WITH_AS(load_drawings(folder.path(), snapshots),
                             doctest::Contains("inside.json: "), FileError);
        CHECK(snapshots[0].drawings[0].svg == "kept");
    }
    save_drawings(folder.path(), snapshots);
    std::string flipped = read_file(folder.file("inside.json"));
    ++flipped[flipped.find("kept")];
    write_file(folder.file("inside.json"), flipped);
    CHECK_THROWS_WITH_AS(load_drawings(folder.path(), snapshots),
                         doctest::Contains("the file is damaged"), FileError);
}
