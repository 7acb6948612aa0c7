// SPDX-License-Identifier: MIT
// Histograms: every number is in one bin or counted as outside, and rare ones stay visible.
#include "nn/plot/histogram.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "nn/plot/svg.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

Histograms layers() {
    Histograms histograms;
    histograms.caption = {"Activations", "They keep their width.", "They crowd at the ends."};
    histograms.value_axis = "tanh";
    histograms.low = -1;
    histograms.high = 1;
    histograms.rows = {{"layer 1", {0, 1, 8, 4}, 0, 0.25, 0.5},
                       {"layer 2", {1000, 1, 0, 500}, 3, -0.125, 0.9}};
    return histograms;
}

}  // namespace

TEST_CASE("a number on a border is in the upper bin, the high end in the last") {
    const double infinity = std::numeric_limits<double>::infinity();
    const Histogram h =
        histogram("x", std::vector<double>{0, 1, 1.5, 2, 2.5, -1, infinity, std::nan("")}, 0, 2, 2);
    CHECK(h.counts == std::vector<double>{1, 3});
    CHECK(h.outside == 4);
    CHECK(*h.mean == 1);  // of the six finite ones
    CHECK(*h.stddev == doctest::Approx(std::sqrt(8.5 / 6)));
    CHECK_FALSE(histogram("x", std::vector<double>{std::nan("")}, 0, 1, 3).mean);
    CHECK(histogram("x", {}, 0, 1, 3).counts.size() == 3);
}

TEST_CASE("numbers far from zero lose nothing of their standard deviation") {
    const Histogram h = histogram("x", std::vector<double>{1e9, 1e9 + 2}, 0, 1, 1);
    CHECK(*h.stddev == 1);
}

TEST_CASE("a line for each histogram, a bin with anything in it is not blank") {
    CHECK(text(layers(), {.columns = 60, .unicode = false}) ==
          "layer 1 |      ......@@@@@@======| 0.25 +- 0.5\n"
          "layer 2 |@@@@@@......      ======| -0.125 +- 0.9, 3 outside\n"
          "         -1        tanh         1  mean +- sd\n");
    CHECK(text(layers(), {.columns = 32}) ==
          "layer 1 │     ▁▁▁▁▁█████▄▄▄▄▄│\n"
          "layer 2 │█████▁▁▁▁▁     ▄▄▄▄▄│\n"
          "         -1      tanh       1\n");
}

TEST_CASE("bins are merged if there are more than columns, and nothing is too wide") {
    Histograms many = layers();
    many.rows = {
        histogram("a name that is rather long", std::vector<double>{0.1, 0.2}, -1, 1, 999)};
    for (const int columns : {20, 40, 80}) {
        for (const bool unicode : {true, false}) {
            const std::string drawn = text(many, {.columns = columns, .unicode = unicode});
            CHECK(is_ascii(drawn) == !unicode);
            for (const auto& line : lines_of(drawn)) CHECK(display_width(line) <= columns);
        }
    }
}

TEST_CASE("on paper each has its outline, its mean and its numbers") {
    const std::string picture = svg(layers());
    CHECK(contains(picture,
                   "<desc>Look for: They keep their width. When something is wrong: They crowd at "
                   "the ends.</desc>"));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(count_of(picture, "class=\"bars\"") == 2);
    CHECK(count_of(picture, "class=\"mean\"") == 2);
    for (const char* word : {"layer 1", "layer 2", "tanh", "mean 0.25", "sd 0.9", "3 outside"})
        CHECK(count_of(picture, ">" + std::string(word) + "</text>") == 1);
    CHECK_FALSE(contains(picture, "0 outside"));
    Histograms empty = layers();
    empty.rows = {histogram("none", {}, -1, 1, 200)};
    CHECK_FALSE(contains(svg(empty), "nan"));
    CHECK(svg(empty).size() < 8000);
}

TEST_CASE("histograms that are empty or do not fit together are refused") {
    CHECK_THROWS_WITH(histogram("x", {}, 0, 1, 0), "histogram: 0 bins, must be 1 or more");
    CHECK_THROWS_WITH(histogram("x", {}, 1, 1, 2), "histogram: from 1 to 1, must rise");
    Histograms bad = layers();
    bad.rows[1].counts.pop_back();
    const char* uneven = "histograms: \"layer 2\" has 3 bins, \"layer 1\" has 4";
    CHECK_THROWS_WITH(svg(bad), uneven);
    CHECK_THROWS_WITH(text(bad, {}), uneven);
    bad.rows = {{"x", {-1}, 0, {}, {}}};
    CHECK_THROWS_WITH(svg(bad), "histograms: a count of -1 in \"x\", must be 0 or more");
    bad.rows.clear();
    CHECK_THROWS_WITH(text(bad, {}), "histograms: there is nothing to draw");
    bad = layers();
    bad.high = -1;
    CHECK_THROWS_WITH(svg(bad), "histograms: from -1 to -1, must rise");
    CHECK_THROWS_AS(text(layers(), {.columns = 19}), std::invalid_argument);
}
