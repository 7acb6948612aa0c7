// SPDX-License-Identifier: MIT
// Sheets of small grey images: every pixel in its place, a label under each.
#include <doctest/doctest.h>

#include <cmath>

#include "nn/plot/svg.h"
#include "nn/plot/text.h"
#include "nn/text/display_width.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// White on the diagonal.
ImageSheet diagonals(std::size_t size, std::size_t count) {
    ImageSheet sheet;
    sheet.caption = {"Misread", "Some are hard.", "All look easy."};
    sheet.rows = sheet.columns = size;
    for (std::size_t i = 0; i < count; ++i) {
        Image image{std::to_string(i) + " read as <1>", std::vector<double>(size * size)};
        for (std::size_t k = 0; k < size; ++k) image.values[k * size + k] = 1;
        sheet.images.push_back(image);
    }
    return sheet;
}

}  // namespace

TEST_CASE("small images have two characters per pixel, and their labels below") {
    CHECK(text(diagonals(3, 2), {.columns = 32, .unicode = false}) ==
          "@@             @@           \n"
          "  @@             @@         \n"
          "    @@             @@       \n"
          "0 read as <1>  1 read as <1>\n");
    ImageSheet sheet = diagonals(2, 1);
    sheet.images[0] = {"", {0, 0.5, 7, std::nan("")}};
    CHECK(text(sheet, {}) ==
          "  ▒▒\n"
          "██??\n");
}

TEST_CASE("large images have two rows of pixels in a line, the last perhaps half of one") {
    const auto lines = lines_of(text(diagonals(17, 1), {.unicode = false}));
    REQUIRE(lines.size() == 9 + 1);
    CHECK(lines[0] == "++               ");
    CHECK(lines[8] == "                +");
}

TEST_CASE("in colour the upper and the lower half of a block are pixels") {
    ImageSheet sheet = diagonals(2, 1);
    sheet.images[0].label.clear();
    CHECK(text(sheet, {.colour = true}) ==
          "\x1b[38;5;255;48;5;232m▀\x1b[38;5;232;48;5;255m▀\x1b[0m\n");
}

TEST_CASE("as many images side by side as fit, and nothing is too wide") {
    for (const int columns : {20, 40, 80}) {
        for (const bool unicode : {true, false}) {
            const std::string drawn =
                text(diagonals(8, 7), {.columns = columns, .unicode = unicode});
            CHECK(is_ascii(drawn) == !unicode);
            const auto lines = lines_of(drawn);
            for (const auto& line : lines) CHECK(display_width(line) <= columns);
            const std::size_t beside = columns == 20 ? 1 : columns == 40 ? 2 : 4;
            CHECK(count_of(lines[8], "read as") == beside);
            CHECK(contains(lines.back(), "6 read as"));
        }
    }
}

TEST_CASE("on paper the images are strokes in a frame, with their labels below") {
    const std::string picture = svg(diagonals(28, 20));
    CHECK(count_of(picture, "class=\"frame\"") == 20);
    CHECK(count_of(picture, "stroke=\"#ffffff\" d=\"M0 0h1M1 1h1") == 20);
    CHECK(contains(picture, ">19 read as &lt;1&gt;</text>"));
    CHECK(contains(
        picture, "<desc>Look for: Some are hard. When something is wrong: All look easy.</desc>"));
    CHECK(contains(picture, "prefers-color-scheme:dark"));
    CHECK(picture.size() < 20 * 2000);
}

TEST_CASE("sheets that are empty or do not fit together are refused") {
    CHECK_THROWS_WITH(svg(ImageSheet{}), "image sheet: there is nothing to draw");
    ImageSheet sheet = diagonals(2, 1);
    sheet.images[0].values.pop_back();
    const char* few = "image sheet: \"0 read as <1>\" has 3 values for 2 x 2 pixels";
    CHECK_THROWS_WITH(svg(sheet), few);
    CHECK_THROWS_WITH(text(sheet, {}), few);
    CHECK_THROWS_WITH(text(diagonals(16, 1), {.columns = 31}),
                      "image sheet: images of 32 columns do not fit into 31");
}
