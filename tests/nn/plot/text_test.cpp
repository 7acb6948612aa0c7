// SPDX-License-Identifier: MIT
#include "nn/plot/text.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "nn/plot/canvas.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// A training run: from ln 42 down towards 0.13.
LineChart run(std::size_t steps) {
    LineChart chart;
    chart.x = {"step"};
    chart.y = {"loss"};
    Line line{"train", {}, {}};
    for (std::size_t i = 0; i < steps; ++i) {
        line.x.push_back(static_cast<double>(i));
        line.y.push_back(0.13 +
                         3.6 * std::exp(-8 * static_cast<double>(i) / static_cast<double>(steps)));
    }
    chart.lines = {line};
    chart.levels = {{"uniform loss 3.74", 3.74}, {"bigram 2.10", 2.1}, {"floor 0.127", 0.1265}};
    return chart;
}

}  // namespace

TEST_CASE("terminal_style has the rows asked for and room to draw in, whatever the terminal") {
    CHECK(terminal_style().columns >= 20);
    CHECK(terminal_style().rows == TextStyle().rows);
    CHECK(terminal_style(5).rows == 5);
}

TEST_CASE("a line goes from corner to corner") {
    LineChart chart;
    chart.x = {"x"};
    chart.lines = {{"up", {0, 1}, {0, 1}}};
    CHECK(text(chart, {.columns = 20, .rows = 3, .unicode = false}) ==
          "  1 |           ****\n"
          "0.5 |    *******    \n"
          "  0 |****           \n"
          "     0      x      1\n");
}

TEST_CASE("the numbers of the rows fall in even steps, on a logarithmic axis by a factor") {
    LineChart chart;
    chart.y.log = true;
    chart.lines = {{"down", {0, 1, 2, 3}, {1000, 100, 10, 1}}};
    const auto drawn = lines_of(text(chart, {.columns = 30, .rows = 4, .unicode = false}));
    CHECK(drawn[0].rfind("1e+03 |*", 0) == 0);
    CHECK(drawn[1].rfind("  100 |", 0) == 0);
    CHECK(drawn[2].rfind("   10 |", 0) == 0);
    CHECK(drawn[3].rfind("    1 |", 0) == 0);
    CHECK(drawn[3].find('*') != std::string::npos);
}

TEST_CASE("no line is wider than the terminal, at any width and in any form") {
    for (const int columns : {20, 21, 40, 80, 200}) {
        for (const bool unicode : {true, false}) {
            CAPTURE(columns);
            CAPTURE(unicode);
            const std::string drawn =
                text(run(2500), {.columns = columns, .rows = 7, .unicode = unicode});
            const auto lines = lines_of(drawn);
            CHECK(lines.size() == 8);
            for (const auto& line : lines) CHECK(display_width(line) <= columns);
            CHECK(drawn.find('\x1b') == std::string::npos);
            CHECK(is_ascii(drawn) == !unicode);
            CHECK((drawn.find("uniform loss 3.74") != std::string::npos) == (columns >= 80));
        }
    }
}

TEST_CASE("colour changes nothing but the colour") {
    const LineChart chart = run(100);
    std::string coloured = text(chart, {.colour = true});
    REQUIRE(coloured.find("\x1b[") != std::string::npos);
    for (std::size_t at; (at = coloured.find('\x1b')) != std::string::npos;)
        coloured.erase(at, coloured.find('m', at) + 1 - at);
    CHECK(coloured == text(chart, {}));
}

TEST_CASE("a single spike among a hundred thousand points is drawn") {
    LineChart chart = run(100000);
    chart.levels.clear();
    for (double& y : chart.lines[0].y) y = 1;
    chart.lines[0].y[50001] = 9;
    const auto lines = lines_of(text(chart, {.columns = 60, .rows = 5, .unicode = false}));
    for (std::size_t row = 0; row < 5; ++row)
        CHECK(std::count(lines[row].begin(), lines[row].end(), '*') >= 1);
}

TEST_CASE(
    "numbers that are not finite leave a gap, and those that a log axis has not are left out") {
    LineChart chart;
    chart.y = {"y", true};
    chart.lines = {{"", {0, 1, 2, 3, 4}, {1, 1, std::nan(""), 1, 1}}};
    const auto lines = lines_of(text(chart, {.columns = 40, .rows = 3, .unicode = false}));
    CHECK(lines[1].find("*  ") != std::string::npos);
    CHECK(lines[1].find("  *") != std::string::npos);
    chart.lines = {{"", {0, 1, 2}, {1, 0, 100}}};
    const auto logs = lines_of(text(chart, {.columns = 40, .rows = 3, .unicode = false}));
    CHECK(logs[0].rfind("100", 0) == 0);
    CHECK(logs[1].rfind(" 10", 0) == 0);
    CHECK(logs[2].rfind("  1", 0) == 0);
}

TEST_CASE("on logarithmic axes too, and as fast: all numbers of a column cost one logarithm") {
    LineChart chart;
    chart.x = {"x", true};
    chart.y = {"y", true};
    Line line{"power law", {}, {}}, thin = line;
    for (int i = 1; i <= 100'000; ++i) {
        line.x.push_back(i);
        line.y.push_back(i == 77'777 ? 50 : 1 / std::sqrt(i));
        if (i >= 1000 && i % 10 != 7 && i != 100'000)
            continue;  // a straight line does not miss them
        thin.x.push_back(line.x.back());
        thin.y.push_back(line.y.back());
    }
    chart.lines = {thin};
    const std::string expected = text(chart, {});
    chart.lines = {line};
    CHECK(text(chart, {}) == expected);
    std::reverse(chart.lines[0].x.begin(), chart.lines[0].x.end());
    std::reverse(chart.lines[0].y.begin(), chart.lines[0].y.end());
    CHECK(lines_of(text(chart, {})).back() == lines_of(expected).back());
}

TEST_CASE("rows of close numbers have different names") {
    for (const double distance : {1e-2, 1e-4, 1e-5}) {
        for (const bool log : {false, true}) {
            LineChart chart;
            chart.x = {"x"};
            chart.y = {"y", log};
            chart.lines = {{"close", {1, 1 + distance}, {1, 1 + distance}}};
            const std::string drawn = text(chart, {.columns = 40, .rows = 5, .unicode = false});
            std::set<std::string> names;
            for (const auto& row : lines_of(drawn)) names.insert(row.substr(0, row.find('|')));
            CAPTURE(drawn);
            CHECK(names.size() == 6);
        }
    }
}

TEST_CASE("a second line can be told from the first without colour") {
    LineChart chart;
    chart.lines = {{"a", {0, 1}, {0, 0}}, {"b", {0, 1}, {1, 1}}};
    const std::string drawn = text(chart, {.columns = 30, .rows = 3, .unicode = false});
    CHECK(drawn.find("***") != std::string::npos);
    CHECK(drawn.find("ooo") != std::string::npos);
    CHECK(drawn.find("(* a, o b)") != std::string::npos);
    const auto braille = lines_of(text(chart, {.columns = 60, .rows = 3}));
    CHECK(braille[0].rfind("  1 │⠁⠈ ⠁⠈ ⠁⠈ ⠁⠈ ", 0) == 0);
    CHECK(braille[2].rfind("  0 │⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀", 0) == 0);
    CHECK(contains(braille[3], "(solid a, dotted b)"));
}

TEST_CASE("a heat map shows its ends and names its axes") {
    HeatMap map;
    map.row_axis = "looks";
    map.column_axis = "looked at";
    map.row_labels = map.column_labels = {"a", "b"};
    map.values = {1, 0, 0.5, 0.5};
    CHECK(text(map, {.unicode = false}) ==
          "  > looked at, v looks\n"
          "  a b \n"
          "a @@  \n"
          "b ++++\n"
          "  blank = 0, @@ = 1\n");
    CHECK(text(map, {}) ==
          "  → looked at, ↓ looks\n"
          "  a b \n"
          "a ██  \n"
          "b ▒▒▒▒\n"
          "  blank = 0, ██ = 1\n");
}

TEST_CASE("signed numbers are blank at zero, and NaN says so in colour too") {
    HeatMap map;
    map.row_labels = map.column_labels = {"a", "b"};
    map.values = {0, -2, 2, std::nan("")};
    map.low = -2, map.high = 2;
    map.around_zero = true;
    const auto lines = lines_of(text(map, {.unicode = false}));
    CHECK(lines[2] == "a   @@");
    CHECK(lines[3] == "b @@??");
    CHECK(lines[4] == "  blank = 0, @@ = 2 in size");
    CHECK(text(map, {.colour = true}).find("??") != std::string::npos);
    for (const auto& line : lines_of(text(map, {.columns = 20, .unicode = false})))
        CHECK(display_width(line) <= 20);
}

TEST_CASE("numbers at the ends of the x axis that need much room do not break the chart") {
    LineChart chart;
    chart.lines = {{"", {-1.23456e-100, 1.23456e-100}, {-1.23e-100, 1.23e-100}}};
    CHECK(lines_of(text(chart, {.columns = 20, .rows = 2})).size() == 3);
    chart.lines = {{"", {0, 2500}, {1, 2}}};
    CHECK(lines_of(text(chart, {})).back().find(" 2500") != std::string::npos);
}

TEST_CASE("labels of double width keep their columns") {
    HeatMap map;
    map.row_labels = map.column_labels = {"松", "a"};
    map.values = {1, 0, 0, 1};
    const auto lines = lines_of(text(map, {}));
    CHECK(lines[1] == "   松a ");
    CHECK(lines[2] == "松 ██  ");
    CHECK(lines[3] == "a    ██");
}

TEST_CASE("bars are as long as their numbers") {
    BarChart chart;
    chart.labels = {"e", "松", "x"};
    chart.values = {0.5, 0.25, 0};
    CHECK(text(chart, {.columns = 20, .unicode = false}) ==
          "e  ############  0.5\n"
          "松 ######       0.25\n"
          "x                  0\n");
    CHECK(lines_of(text(chart, {.columns = 20}))[1] == "松 ██████       0.25");
}

TEST_CASE("a picture that is empty or does not fit together is refused") {
    CHECK_THROWS_WITH(text(LineChart{}, {}), "line chart: there is no number to draw");
    LineChart uneven;
    uneven.lines = {{"loss", {1, 2}, {1}}};
    CHECK_THROWS_WITH(text(uneven, {}), "line chart: \"loss\" has 2 x and 1 y");
    CHECK_THROWS_AS(text(run(3), {.columns = 19}), std::invalid_argument);
    CHECK_THROWS_WITH(text(HeatMap{}, {}), "heat map: there is nothing to draw");
    HeatMap map;
    map.row_labels = map.column_labels = {"a", "b"};
    map.values = {1, 2, 3};
    CHECK_THROWS_WITH(text(map, {}), "heat map: 3 values for 2 x 2 labels");
    BarChart bars;
    CHECK_THROWS_WITH(text(bars, {}), "bar chart: there is nothing to draw");
    bars.labels = {"a"};
    bars.values = {1};
    CHECK_THROWS_AS(text(bars, {.columns = 19}), std::invalid_argument);
    bars.values = {-1};
    CHECK_THROWS_WITH(text(bars, {}), "bar chart: -1, must be 0 or more");
    CHECK_THROWS_AS(Canvas(0, 1, true), std::invalid_argument);
}

TEST_CASE("a braille cell has its eight dots where Unicode puts them") {
    const int bits[4][2] = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    for (int y = 0; y < 4; ++y) {
        for (int x = 0; x < 2; ++x) {
            Canvas canvas(1, 1, true);
            canvas.dot(x, y, 0);
            const std::string cell = canvas.cell(0, 0);
            REQUIRE(cell.size() == 3);
            CHECK(((cell[1] & 0x03) << 6 | (cell[2] & 0x3F)) == bits[y][x]);
        }
    }
}
