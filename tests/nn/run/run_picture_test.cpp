// SPDX-License-Identifier: MIT
#include "nn/run/run_picture.h"

#include <doctest/doctest.h>
#include <fmt/format.h>
#include <gradus_paths.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "nn/files/atomic_file.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

const std::string kExamples = std::string(GRADUS_SOURCE_DIR) + "/examples/";

RunPicture small_run() {
    RunPicture run;
    run.command = "./gradus gpt";
    run.model = "1 layer";
    run.unit = "character";
    run.vocabulary = 42;
    run.floor = 0.1;
    run.steps = 10;
    run.verdict = "normal";
    run.loss = {{1, 3.7}, {2, 2.5}, {10, 0.2}};
    run.val = {{0, 3.8}, {10, 0.25}};
    run.samples = {{0, 3.8, 2, "x<y"}, {10, 0.25, 0, "Mia Fox"}};
    run.talk = {{"Ben", "Ben & Mia"}};
    return run;
}

}  // namespace

TEST_CASE("the picture that opens README.md is drawn from the run recorded beside it") {
    const std::string record = read_file(kExamples + "front_page.json");
    CHECK(record.size() < 30'000);
    INFO(
        "draw it again: ./gradus example front_page examples/front_page.json "
        "examples/front_page.svg");
    CHECK(svg(run_picture(record)) == read_file(kExamples + "front_page.svg"));
}

TEST_CASE("a picture of a run has its floors, samples, faults, verdict and talk as text") {
    const std::string picture = svg(small_run());
    for (const std::string words :
         {">$ ./gradus gpt<", "uniform baseline ln 42 = 3.74<",
          ">floor 0.1000: entropy of the data", ">step 10<", ">x&lt;y<", ">2 faults<", ">no fault<",
          ">verdict: normal<", ">&gt; Ben<", ">Ben &amp; Mia<",
          "from 3.70 to 0.2500 nats per character in 10 steps"}) {
        CAPTURE(words);
        CHECK(contains(picture, words));
    }
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(count_of(picture, "<text") == count_of(picture, "</text>"));
    for (const std::string outside : {"<script", "href", "url(", "@import"})
        CHECK_FALSE(contains(picture, outside));

    RunPicture bare = small_run();
    bare.floor = -1;
    bare.val = {};
    bare.samples = {};
    bare.talk = {};
    CHECK_FALSE(contains(svg(bare), ">floor"));
    CHECK(contains(svg(bare), ">loss 0.2000  step 10/10<"));
}

TEST_CASE("no line of a picture of a run is wider than its paper") {
    RunPicture run = small_run();
    run.samples[0].text = run.talk[0].answer = std::string(30, 'w') + " " + std::string(40, 'm');
    run.verdict = "slower than it should be: the loss has fallen by less than a tenth";
    const std::string picture = svg(run);
    const std::regex line("<text[^>]* x=\"([0-9.]+)\"[^>]*text-anchor=\"start\"[^>]*>([^<]*)<");
    int lines = 0;
    for (std::sregex_iterator i(picture.begin(), picture.end(), line), end; i != end; ++i, ++lines)
        CHECK(std::stod((*i)[1]) + 0.602 * 17 * display_width(std::string((*i)[2])) < 625);
    CHECK(lines > 8);
}

TEST_CASE("a picture of a run comes back from its JSON, and other JSON is refused by name") {
    const std::string text = to_json(small_run());
    CHECK(to_json(run_picture(text)) == text);
    CHECK(svg(run_picture(text)) == svg(small_run()));
    CHECK_THROWS_WITH(run_picture("{}"),
                      "picture of a run: not JSON of the format "
                      "gradus-run-picture-1");
    CHECK_THROWS_WITH(run_picture("nonsense"),
                      "picture of a run: not JSON of the format "
                      "gradus-run-picture-1");
    std::string broken = text;
    broken.replace(broken.find("\"steps\": 10"), 11, "\"steps\": []");
    CHECK_THROWS_WITH_AS(run_picture(broken), doctest::Contains("picture of a run: \"steps\": "),
                         std::invalid_argument);
    for (const char* step : {"1.5", "3000000000", "\"1\"", "-1e300"}) {
        CAPTURE(step);
        const auto points = nlohmann::json::parse(fmt::format("[[{}, 2.0]]", step));
        auto record = nlohmann::json::parse(text);
        record["loss"] = points;
        CHECK_THROWS_WITH_AS(run_picture(record.dump()),
                             doctest::Contains("is not a whole number of 32 bits"),
                             std::invalid_argument);
    }
    CHECK_THROWS_WITH(svg(RunPicture()),
                      "picture of a run: needs losses, steps and a vocabulary, has 0, 0 and 0");
}

TEST_CASE("a curve is thinned to means of intervals that grow with the step, without a lag") {
    std::vector<std::pair<int, double>> points;
    for (int step = 1; step <= 1000; ++step) points.emplace_back(step, 2.0 * step);
    const auto thinned = thin(points);
    CHECK(thinned.size() < 120);
    for (int step = 1; step < 20; ++step)
        CHECK(thinned[static_cast<std::size_t>(step - 1)] ==
              points[static_cast<std::size_t>(step - 1)]);
    for (const auto& [step, loss] : thinned) CHECK(std::abs(loss - 2.0 * step) <= 1);
    CHECK(thin({}).empty());
}
