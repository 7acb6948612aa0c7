// SPDX-License-Identifier: MIT
#include "nn/plot/svg.h"
#include "tests/text.h"

#include <doctest/doctest.h>

#include <cmath>
#include <regex>

using namespace gradus;

namespace {

LineChart chart_of(std::vector<double> y) {
    LineChart chart;
    chart.caption = {"Loss <1>", "It falls & stays.", "It rises."};
    chart.x = {"step"};
    chart.y = {"nats"};
    Line line{"train", {}, std::move(y)};
    for (std::size_t i = 0; i < line.y.size(); ++i) line.x.push_back(static_cast<double>(i));
    chart.lines = {line};
    return chart;
}

std::string curve(const std::string& picture) {
    std::smatch found;
    REQUIRE(std::regex_search(picture, found, std::regex("class=\"curve\"[^>]* d=\"([^\"]*)\"")));
    return found[1];
}

}  // namespace

TEST_CASE("a line chart says in words what it shows, escaped") {
    const std::string picture = svg(chart_of({3, 2, 1}));
    CHECK(count_of(picture, "<title>Loss &lt;1&gt;</title>") == 1);
    CHECK(count_of(
              picture,
              "<desc>Look for: It falls &amp; stays. When something is wrong: It rises.</desc>") ==
          1);
    CHECK(count_of(picture, "role=\"img\"") == 1);
    CHECK(count_of(picture, ">step</text>") == 1);
    CHECK(count_of(picture, ">train</text>") == 1);
    CHECK(count_of(picture, "<text") == count_of(picture, "</text>"));
}

TEST_CASE("the curve goes from corner to corner of the axes") {
    CHECK(curve(svg(chart_of({3, 2, 1}))) == "M56.0 34.0h0L340.0 155.0L624.0 276.0");
}

TEST_CASE("a log axis has equal steps for equal ratios, and leaves out what is not above zero") {
    LineChart chart = chart_of({1, 10, 100});
    chart.y.log = true;
    CHECK(curve(svg(chart)) == "M56.0 276.0h0L340.0 155.0L624.0 34.0");
    chart.lines[0].y[1] = 0;
    CHECK(curve(svg(chart)) == "M56.0 276.0h0M624.0 34.0h0");
}

TEST_CASE("a number that is not finite leaves a gap") {
    CHECK(count_of(curve(svg(chart_of({1, 2, std::nan(""), 2, 1}))), "M") == 2);
}

TEST_CASE("a long line is thinned, and a single spike stays") {
    std::vector<double> y(100000, 1);
    y[50001] = 9;
    const std::string d = curve(svg(chart_of(y)));
    CHECK(count_of(d, "L") <= 600);
    CHECK(d.find(" 34.0") != std::string::npos);  // the top
}

TEST_CASE("levels have names, and two that are close do not cover each other") {
    LineChart chart = chart_of({3, 2, 1});
    chart.levels = {{"low", 0.13}, {"lower", 0.12}};
    const std::string picture = svg(chart);
    std::vector<double> places;
    const std::regex name("y=\"([0-9.]+)\" text-anchor=\"end\">low(er)?<");
    for (auto at = std::sregex_iterator(picture.begin(), picture.end(), name);
         at != std::sregex_iterator(); ++at)
        places.push_back(std::stod((*at)[1]));
    REQUIRE(places.size() == 2);
    CHECK(places[1] - places[0] >= 14);
}

TEST_CASE("a chart without numbers, or with parts of different length, is refused") {
    CHECK_THROWS_WITH(svg(LineChart{}), "line chart: there is no number to draw");
    LineChart chart = chart_of({1, 2});
    chart.lines[0].x.pop_back();
    CHECK_THROWS_WITH(svg(chart), "line chart: \"train\" has 1 x and 2 y");
    CHECK(curve(svg(chart_of({5}))) == "M340.0 155.0h0");  // one point, no width
}

TEST_CASE("numbers so large that a step is below their last digit still end") {
    CHECK(svg(chart_of({1e17, 1e17 + 32})).size() < 5000);
    CHECK(svg(chart_of({-1e300, 1e300})).size() < 5000);
}
