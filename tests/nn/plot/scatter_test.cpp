// SPDX-License-Identifier: MIT
// Points on paper and in the terminal: groups can be told apart without colour.
#include <doctest/doctest.h>

#include <cmath>

#include "nn/plot/svg.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

Scatter letters() {
    Scatter scatter;
    scatter.caption = {"Letters", "Vowels are close.", "All in a heap."};
    scatter.x = {"first"};
    scatter.y = {"second"};
    scatter.groups = {{"vowels", {0, 1}, {2, 2}, {"a", "e"}},
                      {"others", {0, 2, 2}, {0, 0, 0}, {"b", "c", "d"}}};
    return scatter;
}

}  // namespace

TEST_CASE("labels are at their points, and one that would cover another is moved beside it") {
    CHECK(text(letters(), {.columns = 24, .rows = 3, .unicode = false}) ==
          "2 |a         e          \n"
          "1 |                     \n"
          "0 |b                  dc\n"
          "   0       first       2\n"
          "vowels: a e\n"
          "others: b c d\n");
    CHECK(lines_of(text(letters(), {.columns = 24, .rows = 3}))[2] == "0 │b                  dc");
}

TEST_CASE("groups without labels have marks of their own, and a key") {
    Scatter scatter = letters();
    for (auto& group : scatter.groups) group.labels.clear();
    for (const bool unicode : {true, false}) {
        const auto lines = lines_of(text(scatter, {.columns = 24, .rows = 2, .unicode = unicode}));
        REQUIRE(lines.size() == 4);
        CHECK(contains(lines[0], "o         o"));
        CHECK(contains(lines[1], "x                   x"));
        CHECK(lines[3] == "o vowels, x others");
    }
}

TEST_CASE("a single group is drawn in dots, eight per cell") {
    Scatter scatter;
    scatter.groups = {{"all", {0, 1}, {0, 1}, {}}};
    CHECK(text(scatter, {.columns = 20, .rows = 2}) ==
          "1 │                ⠈\n"
          "0 │⡀                \n"
          "   0               1\n");
    CHECK(text(scatter, {.columns = 20, .rows = 2, .unicode = false}) ==
          "1 |                o\n"
          "0 |o                \n"
          "   0               1\n");
}

TEST_CASE("a point may go without a label: it is a mark, and the key names the others only") {
    Scatter scatter;
    scatter.groups = {{"few", {0, 1, 2}, {0, 1, 2}, {"a", "", "c"}}, {"all", {3}, {3}, {"d"}}};
    const std::string drawn = text(scatter, {.columns = 40, .rows = 4, .unicode = false});
    CHECK(contains(drawn, "\nfew: a c\n"));
    CHECK(count_of(drawn, "o") == 1);
}

TEST_CASE("wide labels keep their columns, and those without room are counted") {
    Scatter scatter;
    PointGroup heap{"heap", {}, {}, {}};
    for (int i = 0; i < 30; ++i) {
        heap.x.push_back(0);
        heap.y.push_back(0);
        heap.labels.emplace_back("松");
    }
    scatter.groups = {heap, {"o", {1}, {1}, {"longer"}}};
    for (const int columns : {20, 40, 80}) {
        const std::string drawn = text(scatter, {.columns = columns, .rows = 4});
        for (const auto& line : lines_of(drawn)) CHECK(display_width(line) <= columns);
        CHECK(contains(drawn, "longer\n"));
        CHECK(contains(drawn, " left out\n"));
    }
}

TEST_CASE("colour changes nothing but the colour of points") {
    std::string coloured = text(letters(), {.colour = true});
    REQUIRE(contains(coloured, "\x1b["));
    for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
        coloured.erase(at, coloured.find('m', at) + 1 - at);
    CHECK(coloured == text(letters(), {}));
}

TEST_CASE("on paper, groups differ in shape, and have names and labels") {
    const std::string picture = svg(letters());
    CHECK(contains(
        picture,
        "<desc>Look for: Vowels are close. When something is wrong: All in a heap.</desc>"));
    CHECK(contains(picture, "role=\"img\""));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(count_of(picture, "a3 3 0 1 0 6 0") == 2 * 2 + 1);  // rims, circles, in the legend
    CHECK(count_of(picture, "l6 6m0 -6l-6 6") == 2 * 3 + 1);
    CHECK(contains(picture, "#0072B2"));
    CHECK(contains(picture, "#D55E00"));
    for (const char* word : {"vowels", "others", "first", "second", "a", "e", "b", "c", "d"})
        CHECK(count_of(picture, ">" + std::string(word) + "</text>") == 1);
    CHECK(picture.size() < 6000);
}

TEST_CASE("points that are not finite are left out, and a group of such is not a picture") {
    Scatter scatter = letters();
    scatter.groups[0].y[0] = std::nan("");
    CHECK_FALSE(contains(svg(scatter), ">a</text>"));
    CHECK(contains(text(scatter, {.rows = 2}), "2 │ "));
    CHECK_FALSE(contains(svg(scatter), "nan"));
    scatter.groups = {{"none", {1}, {std::nan("")}, {}}};
    CHECK_THROWS_WITH(svg(scatter), "scatter: there is no point to draw");
    CHECK_THROWS_WITH(text(scatter, {}), "scatter: there is no point to draw");
    scatter.groups = {{"g", {1}, {}, {}}};
    CHECK_THROWS_WITH(svg(scatter), "scatter: \"g\" has 1 x and 0 y");
    scatter.groups = {{"g", {1}, {1}, {"a", "b"}}};
    CHECK_THROWS_WITH(text(scatter, {}), "scatter: \"g\" has 1 points and 2 labels");
    CHECK_THROWS_WITH(text(letters(), {.columns = 19}), "scatter: 19 x 8, must be 20 x 2 or more");
}
