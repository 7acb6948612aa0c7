// SPDX-License-Identifier: MIT
#include "nn/run/snapshots.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/files/atomic_file.h"
#include "nn/plot/svg.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

Snapshot example_moment(Index step) {
    Snapshot m;
    m.sample = {step, 1.25, "\"松鼠\"\n"};
    m.next = {{"What next", "Long bars.", "even bars."}, "probability", {"松", "<"}, {0.667, 0.1}};
    m.attention.caption = {"Attention", "Rows look.", "all alike."};
    m.attention.row_axis = "who looks";
    m.attention.column_axis = "looked at";
    m.attention.row_labels = m.attention.column_labels = {"a", "松"};
    m.attention.maps = {{"layer 1, head 1", {1, 0, 0.25, 0.75}},
                        {"layer 1, head 2", {1.0 / 3, 2.0 / 3, 1, 0}}};
    return m;
}

}  // namespace

TEST_CASE("moments come back as they were, to a thousandth") {
    const TemporaryFolder folder;
    CHECK(load_snapshots(folder.path()).empty());
    save_snapshots(folder.path(), {});
    CHECK(load_snapshots(folder.path()).empty());
    Snapshot second = example_moment(250);
    second.sample.val = NAN;
    second.sample.text = "broken \xff";
    save_snapshots(folder.path(), {example_moment(0), second});
    const auto moments = load_snapshots(folder.path());
    REQUIRE(moments.size() == 2);
    CHECK(moments[0].sample.step == 0);
    CHECK(moments[0].sample.val == 1.25);
    CHECK(moments[0].sample.text == example_moment(0).sample.text);
    CHECK(moments[0].attention.maps[1].values == std::vector<double>{0.333, 0.667, 1, 0});
    CHECK(svg(moments[0].attention) == svg(example_moment(0).attention));
    CHECK(svg(moments[0].next) == svg(example_moment(0).next));
    CHECK(moments[1].sample.step == 250);
    CHECK(std::isnan(moments[1].sample.val));
    CHECK(moments[1].sample.text == "broken \xef\xbf\xbd");
}

TEST_CASE("damaged moments are refused with the file's name") {
    const TemporaryFolder folder;
    for (const char* text : {"", "[", "{\"a\": 1}", "[1]", "[{\"step\": 1}]", "[null]"}) {
        CAPTURE(text);
        write_file(folder.file("inside.json"), text);
        CHECK_THROWS_AS(load_snapshots(folder.path()), FileError);
    }
    Snapshot few = example_moment(1);
    few.attention.maps[0].values.pop_back();
    save_snapshots(folder.path(), {few});
    CHECK_THROWS_AS(load_snapshots(folder.path()), FileError);
}
