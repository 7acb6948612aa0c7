// SPDX-License-Identifier: MIT
// Decision boundaries: the border is where the more probable class changes; the points are on top.
#include <doctest/doctest.h>

#include <cmath>
#include <regex>

#include "nn/plot/svg.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// The second class is right of the middle. One point of each class, and one outside the plane.
Boundary halves(std::size_t rows, std::size_t columns, int frames) {
    Boundary boundary;
    boundary.caption = {"Halves", "A clean cut.", "All one colour."};
    boundary.x_axis = "x";
    boundary.y_axis = "y";
    boundary.rows = rows;
    boundary.columns = columns;
    boundary.classes = {{"left", {-0.9, 7}, {0.9, 0}, {}}, {"right", {0.9}, {-0.9}, {}}};
    for (int m = 0; m < frames; ++m) {
        BoundaryFrame frame{frames > 1 ? "step " + std::to_string(m) : "", {}};
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < columns; ++c)
                frame.values.push_back(1 / (1 + std::exp(-5 * boundary.cell_x(c))));
        boundary.frames.push_back(frame);
    }
    return boundary;
}

}  // namespace

TEST_CASE("the classifier is evaluated at the centres of the cells, the first row at the top") {
    const Boundary boundary = halves(2, 4, 1);
    CHECK(boundary.cell_x(0) == -0.75);
    CHECK(boundary.cell_x(3) == 0.75);
    CHECK(boundary.cell_y(0) == 0.5);
    CHECK(boundary.cell_y(1) == -0.5);
}

TEST_CASE("in the terminal one class is blank, the other full, the points are letters") {
    CHECK(text(halves(4, 8, 1), {.columns = 20, .rows = 3, .unicode = false}) ==
          "|o   ..+#####|\n"
          "|    ..+#####|\n"
          "|    ..+####x|\n"
          "o left: blank,\n"
          "  x right: #,\n"
          "  less sure: .+\n"
          "x from -1 to 1,\n"
          "  y from -1 to 1\n");
    const auto lines = lines_of(text(halves(4, 8, 1), {.rows = 3}));
    CHECK(lines[0] == "│o   ░░▓█████│");
    CHECK(lines[3] == "o left: blank, x right: █, less sure: ░▓");
    CHECK(lines[4] == "x from -1 to 1, y from -1 to 1");
}

TEST_CASE("the frames of a film are side by side, as many as fit") {
    const Boundary film = halves(4, 8, 3);
    for (const int columns : {20, 40, 80}) {
        for (const bool unicode : {true, false}) {
            CAPTURE(columns);
            const std::string drawn =
                text(film, {.columns = columns, .rows = 3, .unicode = unicode});
            const auto lines = lines_of(drawn);
            for (const auto& line : lines) CHECK(display_width(line) <= columns);
            CHECK(is_ascii(drawn) == !unicode);
            const std::size_t beside = columns == 20 ? 1 : columns == 40 ? 2 : 3;
            CHECK(count_of(lines[0], "step") == beside);
            CHECK(count_of(drawn, "step 2") == 1);
        }
    }
}

TEST_CASE("on paper the border runs between the cells, and points beyond the ends are left out") {
    const std::string picture = svg(halves(4, 8, 1));
    std::smatch border;
    REQUIRE(std::regex_search(picture, border, std::regex("class=\"border\" d=\"([^\"]*)\"")));
    CHECK(border[1] == "M340.0 34.0v71.0M340.0 105.0v71.0M340.0 176.0v71.0M340.0 247.0v71.0");
    CHECK(count_of(picture, "a3 3 0 1 0 6 0") == 2 + 1);  // rim and circle, in the legend
    CHECK(contains(picture,
                   "<desc>Look for: A clean cut. When something is wrong: All one colour.</desc>"));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(count_of(picture, ">left</text>") == 1);
    CHECK(count_of(picture, ">right</text>") == 1);
}

TEST_CASE("a grid of 60 x 40 costs less than 40 kB per frame, whatever is in it") {
    Boundary boundary = halves(40, 60, 1);
    for (std::size_t i = 0; i < boundary.frames[0].values.size(); ++i)
        boundary.frames[0].values[i] = 0.4 * std::fabs(std::sin(static_cast<double>(i * i)));
    CHECK(svg(boundary).size() < 40'000);
    const std::string film = svg(halves(40, 60, 6));
    CHECK(film.size() < 6 * 20'000);
    CHECK(count_of(film, "class=\"border\"") == 6);
    CHECK(count_of(film, ">step 5</text>") == 1);
    CHECK(contains(film, ">x from -1 to 1, y from -1 to 1</text>"));
}

TEST_CASE("the points of a film are written once, under a name that only equal points share") {
    Boundary film = halves(4, 6, 5);
    const auto name = [](const std::string& picture) {
        const std::size_t at = picture.find("<g id=\"");
        REQUIRE(at != std::string::npos);
        return picture.substr(at + 7, picture.find('"', at + 7) - at - 7);
    };
    const std::string picture = svg(film);
    CHECK(count_of(picture, "class=\"rim\"") == 2);  // of two classes
    CHECK(count_of(picture, "<use href=\"#" + name(picture) + "\" transform=\"translate(") == 5);
    CHECK(name(svg(film)) == name(picture));
    film.classes[0].x[0] += 0.3;
    CHECK(name(svg(film)) != name(picture));
    CHECK_FALSE(contains(svg(halves(4, 6, 1)), "<use"));
}

TEST_CASE("NaN is left out on paper, and says so in the terminal") {
    Boundary boundary = halves(1, 2, 1);
    boundary.frames[0].values = {std::nan(""), 1};
    CHECK_FALSE(contains(svg(boundary), "nan"));
    CHECK(contains(text(boundary, {.columns = 20, .rows = 2}), "?"));
}

TEST_CASE("boundaries that do not fit together are refused") {
    CHECK_THROWS_WITH(svg(Boundary{}), "boundary: there is nothing to draw");
    Boundary boundary = halves(2, 2, 1);
    boundary.frames[0].values.pop_back();
    const char* few = "boundary: \"\" has 3 values for 2 x 2 cells";
    CHECK_THROWS_WITH(svg(boundary), few);
    CHECK_THROWS_WITH(text(boundary, {}), few);
    boundary = halves(2, 2, 1);
    boundary.classes.pop_back();
    CHECK_THROWS_WITH(svg(boundary), "boundary: 1 classes, must be 2");
    boundary = halves(2, 2, 1);
    boundary.x_low = 1;
    CHECK_THROWS_WITH(text(boundary, {}), "boundary: x from 1 to 1, y from -1 to 1, must rise");
    CHECK_THROWS_AS(text(halves(2, 2, 1), {.columns = 19}), std::invalid_argument);
}
