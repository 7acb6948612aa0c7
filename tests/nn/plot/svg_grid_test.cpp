// SPDX-License-Identifier: MIT
// Heat maps and bars on paper: every number has its place, can be read, and costs few bytes.
#include <doctest/doctest.h>

#include <cmath>
#include <regex>

#include "nn/plot/colour.h"
#include "nn/plot/svg.h"
#include "nn/plot/svg_parts.h"
#include "tests/text.h"

using namespace gradus;

namespace {

HeatMap square(std::size_t n) {
    HeatMap map;
    map.caption = {"Who <looks>", "Near & far.", "All alike."};
    map.row_axis = "who looks";
    map.column_axis = "looked at";
    map.row_labels = map.column_labels = std::vector<std::string>(n, "t");
    for (std::size_t i = 0; i < n * n; ++i)
        map.values.push_back(static_cast<double>(i) / static_cast<double>(n * n - 1));
    return map;
}

double contrast(double a, double b) {
    return (std::max(a, b) + 0.05) / (std::min(a, b) + 0.05);
}

}  // namespace

TEST_CASE("ramps have the ends they promise, and grow lighter all the way") {
    CHECK(hex(plain_ramp().front()) == "#00204d");
    CHECK(hex(plain_ramp().back()) == "#ffea46");
    CHECK(hex(grey_ramp().front()) == "#000000");
    CHECK(hex(grey_ramp().back()) == "#ffffff");
    for (const auto& ramp : {plain_ramp(), signed_ramp(), grey_ramp()}) {
        REQUIRE(ramp.size() == kTones);
        for (std::size_t i = 1; i < ramp.size(); ++i)
            CHECK(luminance(ramp[i]) > luminance(ramp[i - 1]));
    }
    CHECK(tone(-1) == 0);
    CHECK(tone(0.5) == 16);
    CHECK(tone(2) == kTones - 1);
    CHECK(tone(std::nan("")) == -1);
}

TEST_CASE("ink can be read on every tone") {
    for (const auto& ramp : {plain_ramp(), signed_ramp(), grey_ramp()}) {
        for (const Colour& ground : ramp) {
            const double ink = ink_on(ground) == "#fff" ? 1 : 0;
            CHECK(contrast(luminance(ground), ink) >= 4.5);
        }
    }
}

TEST_CASE("equal neighbours in a row are one stroke, and a cell left out has none") {
    const std::vector<Colour> colours = {{0, 0, 0}, {255, 255, 255}};
    const std::string drawn = svg_cells({0, 0, 1, 1, -1, 1}, 3, colours, {10, 20, 40, 30});
    CHECK(contains(drawn, "translate(10 22.5) scale(10 5)"));
    CHECK(contains(drawn, "<path stroke=\"#000000\" d=\"M0 0h2\"/>"));
    CHECK(contains(drawn, "<path stroke=\"#ffffff\" d=\"M2 0h1M0 1h1M2 1h1\"/>"));
}

TEST_CASE("a heat map names its axes, its ends and, where it is small, its numbers") {
    const std::string picture = svg(square(3));
    CHECK(contains(picture, "<title>Who &lt;looks&gt;</title>"));
    CHECK(contains(picture,
                   "<desc>Look for: Near &amp; far. When something is wrong: All alike.</desc>"));
    CHECK(contains(picture, "role=\"img\""));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(count_of(picture, ">who looks</text>") == 1);
    CHECK(count_of(picture, ">looked at</text>") == 1);
    CHECK(count_of(picture, ">t</text>") == 6);
    CHECK(count_of(picture, ">0.38</text>") == 1);
    CHECK(count_of(picture, ">1</text>") == 2);  // in its cell, and at the bar
    CHECK(contains(picture, "#ffea46"));
    CHECK_FALSE(contains(svg(square(13)), ">0.5</text>"));
}

TEST_CASE("signed numbers have a zero on the bar, and NaN a question mark") {
    HeatMap map = square(20);
    map.around_zero = true;
    map.low = -1;
    map.values[7] = std::nan("");
    const std::string picture = svg(map);
    CHECK(count_of(picture, ">0</text>") == 1);
    CHECK(count_of(picture, ">-1</text>") == 1);
    CHECK(count_of(picture, ">?</text>") == 1);
    CHECK(contains(picture, hex(signed_ramp().back())));
}

TEST_CASE("a large map fits the paper, labels that cannot be read are left out, long ones turned") {
    const std::string large = svg(square(200));
    CHECK(large.size() < 400'000);
    CHECK(count_of(large, ">t</text>") == 2 * 50);  // every fourth
    // It scrolls where labels would be smaller than 10 pixels: at a scale of 10 over their size.
    CHECK(contains(large, "<g class=\"label\" style=\"font-size:10px\">"));
    CHECK(contains(large, "style=\"min-width:640px\""));
    std::smatch height;
    REQUIRE(std::regex_search(large, height, std::regex("viewBox=\"0 0 640 ([0-9]+)\"")));
    CHECK(std::stoi(height[1]) < 660);
    HeatMap longer = square(3);
    longer.column_labels[1] = "a label of many words";
    CHECK(contains(svg(longer), ">a label of many </text>"));
    CHECK(count_of(svg(longer), "rotate(-90)") == 1 + 3);
    CHECK(count_of(svg(square(3)), "rotate(-90)") == 1);
}

TEST_CASE("bars on paper are as long as their numbers, and show them") {
    BarChart chart;
    chart.value_axis = "probability";
    chart.labels = {"<e>", "o"};
    chart.values = {0.5, 0.25};
    const std::string picture = svg(chart);
    std::vector<double> lengths;
    const std::regex bar("class=\"bar\"[^>]* width=\"([0-9.]+)\"");
    for (auto at = std::sregex_iterator(picture.begin(), picture.end(), bar);
         at != std::sregex_iterator(); ++at)
        lengths.push_back(std::stod((*at)[1]));
    REQUIRE(lengths.size() == 2);
    CHECK(lengths[0] == doctest::Approx(2 * lengths[1]).epsilon(0.01));
    CHECK(contains(picture, ">&lt;e&gt;</text>"));
    CHECK(contains(picture, ">0.25</text>"));
    CHECK(contains(picture, ">probability</text>"));
    CHECK(contains(picture, "style=\"min-width:493px\""));  // 640 * 10 / 13
    chart.values = {0, 0};
    CHECK(contains(svg(chart), "width=\"0.0\""));
}

TEST_CASE("maps and bars that are empty or do not fit together are not drawn on paper either") {
    CHECK_THROWS_WITH(svg(HeatMap{}), "heat map: there is nothing to draw");
    HeatMap map = square(2);
    map.values.pop_back();
    CHECK_THROWS_WITH(svg(map), "heat map: 3 values for 2 x 2 labels");
    map = square(2);
    map.low = 1;
    CHECK_THROWS_WITH(svg(map), "heat map: from 1 to 1, must rise");
    CHECK_THROWS_WITH(svg(BarChart{}), "bar chart: there is nothing to draw");
    BarChart bars;
    bars.labels = {"a"};
    bars.values = {std::nan("")};
    CHECK_THROWS_WITH(svg(bars), "bar chart: nan, must be 0 or more");
}

TEST_CASE("small heat maps share a colour bar and name their axes") {
    const HeatMap map = square(4);
    HeatMaps maps{map.caption,    map.row_axis,      map.column_axis,
                  map.row_labels, map.column_labels, {{"head <1>", map.values}}};
    for (int i = 2; i <= 5; ++i) maps.maps.push_back({"head " + std::to_string(i), map.values});
    const std::string picture = svg(maps);
    CHECK(count_of(picture, ">head &lt;1&gt;</text>") == 1);
    CHECK(count_of(picture, ">who looks</text>") == 2);  // at the left of each line of maps
    CHECK(count_of(picture, ">looked at</text>") == 5);
    CHECK(count_of(picture, ">t</text>") == 2 * 4 + 5 * 4);
    CHECK(count_of(picture, "<path stroke=\"#ffea46\"") == 5 + 1);  // the largest number, the bar
    CHECK(count_of(picture, "<text") == count_of(picture, "</text>"));
    maps.maps[1].values.pop_back();
    CHECK_THROWS_WITH(svg(maps), "heat map: 15 values for 4 x 4 labels");
    maps.maps.clear();
    CHECK_THROWS_WITH(svg(maps), "heat maps: there is nothing to draw");
}
