// SPDX-License-Identifier: MIT
// Pictures in pixels: what is drawn where, that nothing of a picture is lost, and what is refused.
#include "nn/plot/png.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/files/atomic_file.h"
#include "nn/plot/raster.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

namespace {

constexpr Colour kWhite = {255, 255, 255}, kBlack = {0, 0, 0};

int red(const Pixels& pixels, std::size_t x, std::size_t y) {
    return pixels.bytes[3 * (y * pixels.width + x)];
}

// How much black there is on white, in pixels.
double ink(const Pixels& pixels) {
    double sum = 0;
    for (std::size_t i = 0; i < pixels.bytes.size(); i += 3) sum += 255 - pixels.bytes[i];
    return sum / 255;
}

// The picture with this body, one pixel per unit.
Pixels drawn(const std::string& body, double scale = 1) {
    return rasterise("<svg class=\"p\" viewBox=\"0 0 40 20\">\n" + body + "</svg>\n", scale);
}

// The colour that most pixels of a box have.
std::string colour_at(const Pixels& pixels, std::size_t x, std::size_t y) {
    const std::uint8_t* p = &pixels.bytes[3 * (y * pixels.width + x)];
    return hex({double(p[0]), double(p[1]), double(p[2])});
}

}  // namespace

TEST_CASE("an area covers its pixels, and a part of those at its edge") {
    Raster raster(6, 4, kWhite);
    raster.fill({{{1, 1}, {4.25, 1}, {4.25, 2.5}, {1, 2.5}}}, kBlack);
    const Pixels& p = raster.pixels();
    CHECK(red(p, 0, 1) == 255);
    CHECK(red(p, 1, 1) == 0);
    CHECK(red(p, 3, 1) == 0);
    CHECK(red(p, 4, 1) == 191);  // a quarter black
    CHECK(red(p, 2, 2) == 128);  // a half
    CHECK(red(p, 4, 2) == 223);  // an eighth
    CHECK(red(p, 2, 3) == 255);
}

TEST_CASE("the ink of a disc is its area, wherever it is and whichever way it turns") {
    for (const double x : {20.0, 20.3, 20.77}) {
        Outline disc;
        for (int i = 0; i < 200; ++i)
            disc.push_back(
                {x + 9 * std::cos(i * 0.0314159265), 12.4 + 9 * std::sin(i * 0.0314159265)});
        for (const bool turned : {false, true}) {
            if (turned) std::reverse(disc.begin(), disc.end());
            Raster raster(40, 30, kWhite);
            raster.fill({disc}, kBlack);
            CHECK(ink(raster.pixels()) == doctest::Approx(81 * 3.14159265).epsilon(0.005));
        }
    }
}

TEST_CASE("where outlines overlap the ink gets no darker, and outside nothing is drawn") {
    const Outline square = {{-5, -5}, {3, -5}, {3, 3}, {-5, 3}};
    Raster raster(6, 6, kWhite);
    raster.fill({square, square}, kBlack, 0.5);
    CHECK(ink(raster.pixels()) == doctest::Approx(9 * 0.5).epsilon(0.01));
    raster.fill({{{7, 1}, {9, 1}, {9, 2}}, {{1, 8}, {2, 9}, {1, 9}}}, kBlack);
    CHECK(ink(raster.pixels()) == doctest::Approx(9 * 0.5).epsilon(0.01));
    CHECK_THROWS_AS(raster.fill({{{0, 0}, {1, std::nan("")}, {1, 1}}}, kBlack),
                    std::invalid_argument);
}

TEST_CASE("crisp areas side by side leave no seam and do not overlap") {
    Raster raster(30, 4, kWhite);
    for (int i = 0; i < 11; ++i) {
        const double left = i * 2.7, right = (i + 1) * 2.7;
        raster.fill({{{left, 0.2}, {right, 0.2}, {right, 3.7}, {left, 3.7}}}, kBlack, 1,
                    Edges::crisp);
    }
    CHECK(ink(raster.pixels()) == 30 * 4);
}

TEST_CASE("a stroke is as wide as it says, in dashes if it has a pattern") {
    const Outline line = {{2, 5}, {12, 5}, {12, 15}};
    const auto ink_of = [](const std::vector<Outline>& outlines) {
        Raster raster(20, 20, kWhite);
        raster.fill(outlines, kBlack);
        return ink(raster.pixels());
    };
    // Two flat ends, and three quarters of a disc of radius 1 at the corner less the overlap.
    CHECK(ink_of(stroke(line, 2, Ends::flat, {})) == doctest::Approx(40 - 1 + 0.79).epsilon(0.01));
    CHECK(ink_of(stroke({{2, 5}}, 2, Ends::round, {})) == doctest::Approx(3.14).epsilon(0.04));
    CHECK(ink_of(stroke({{2, 5}, {6, 5}}, 1, Ends::flat, {2, 0, 0, 3, 0, 0})) ==
          doctest::Approx(4 * 2 * 3).epsilon(0.01));  // scaled by 2 across, 3 down
    // Backwards, and in a mirror: every part still adds to the others.
    CHECK(ink_of(stroke({line[2], line[1], line[0]}, 2, Ends::flat, {-1, 0, 0, 1, 20, 0})) ==
          doctest::Approx(40 - 1 + 0.79).epsilon(0.01));
    const std::vector<Outline> pieces = dashed(line, {4, 3});
    REQUIRE(pieces.size() == 3);
    CHECK(pieces[0].back().x == 6);
    CHECK(pieces[1].size() == 3);  // round the corner: from 9 across to 1 down
    CHECK(pieces[1].back().y == 6);
    CHECK(pieces[2].front().y == 9);
    CHECK(dashed(line, {}).size() == 1);
}

TEST_CASE("words stand on their baseline, as wide as they claim") {
    for (const char* words : {"loss 0.1265", "WWW", "i", "(a|b)_{}~"}) {
        double right = 0;
        for (const Outline& part : letters(words, 20, 0, {}))
            for (const Spot& p : part) {
                right = std::max(right, p.x);
                CHECK(p.x >= 0);
                CHECK(p.y >= -18);
                CHECK(p.y <= 6);  // descenders
            }
        CHECK(right <= letters_width(words, 20));
        CHECK(right > letters_width(words, 20) - 5);
    }
    double below = -99;
    for (const Outline& part : letters("H0x", 20, 0, {}))
        for (const Spot& p : part) below = std::max(below, p.y);
    CHECK(below == doctest::Approx(0));
    CHECK(letters_width("é", 20) == letters_width("?", 20));  // one character, two bytes
    CHECK(letters("", 20, 0, {}).empty());
}

TEST_CASE("elements, styles and transforms of an SVG picture") {
    Pixels p = drawn("<rect x=\"2\" y=\"3\" width=\"10\" height=\"5\"/>");
    CHECK(p.width == 40);
    CHECK(p.height == 20);
    CHECK(ink(p) == doctest::Approx(50));
    CHECK(red(p, 2, 3) == 0);
    CHECK(red(p, 12, 3) == 255);
    CHECK(drawn("", 2.5).width == 100);
    CHECK(ink(drawn("<circle cx=\"10\" cy=\"10\" r=\"6\"/>")) ==
          doctest::Approx(113.1).epsilon(0.01));
    CHECK(ink(drawn("<rect width=\"10\" height=\"10\" rx=\"3\"/>")) ==
          doctest::Approx(100 - 36 + 28.27).epsilon(0.01));
    CHECK(ink(drawn("<path d=\"M2 2h6v4h-6z m10 0l4 0 0 4z\"/>")) ==
          doctest::Approx(24 + 8).epsilon(0.01));
    CHECK(ink(drawn("<path d=\"M4 10a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z\"/>")) ==
          doctest::Approx(28.27).epsilon(0.02));
    // A style sheet's rule wins over an attribute, an element's own style over both; @media is for
    // the dark.
    const std::string style =
        "<style>.p .red,.p text{fill:#f00}@media(prefers-color-scheme:dark){.p .red{fill:#00f}"
        ".p{fill:#00f}}</style>";
    const std::string rect = "<rect class=\"thick red\" width=\"5\" height=\"5\" fill=\"#0f0\"";
    CHECK(colour_at(drawn(style + rect + "/>"), 2, 2) == "#ff0000");
    CHECK(colour_at(drawn(style + rect + " style=\"fill:#123456\"/>"), 2, 2) == "#123456");
    CHECK(colour_at(drawn(rect + "/>"), 2, 2) == "#00ff00");
    // The right-hand transform comes first; a group's style is inherited.
    p = drawn(
        "<g fill=\"#00f\" transform=\"translate(20 10) scale(2 3)\"><rect width=\"2\" "
        "height=\"1\" transform=\"rotate(-90)\"/></g>");
    CHECK(colour_at(p, 21, 5) == "#0000ff");  // 2 wide, 6 high, upwards from 20, 10
    CHECK(colour_at(p, 22, 5) == "#ffffff");
    CHECK(colour_at(p, 21, 3) == "#ffffff");
    p = drawn(
        "<defs><g id=\"a\"><rect width=\"3\" height=\"3\"/></g></defs>"
        "<use href=\"#a\" transform=\"translate(9 9)\"/>");
    CHECK(ink(p) == doctest::Approx(9));
    CHECK(red(p, 10, 10) == 0);
}

TEST_CASE("words are placed by their anchor") {
    const auto left_of = [](const std::string& anchor) {
        const Pixels p = drawn("<text x=\"20\" y=\"15\" font-size=\"10\" text-anchor=\"" + anchor +
                               "\">HH</text>");
        for (std::size_t x = 0; x < p.width; ++x)
            for (std::size_t y = 0; y < p.height; ++y)
                if (red(p, x, y) < 128) return static_cast<double>(x);
        return -1.0;
    };
    const double width = letters_width("HH", 10);
    CHECK(left_of("start") == 20);
    CHECK(left_of("middle") == 20 - width / 2);
    CHECK(left_of("end") == 20 - width);
}

TEST_CASE("every kind of picture can be written as PNG, and shows its colours") {
    const Caption caption = {"T & <t>", "Look.", "Wrong."};
    const std::vector<std::pair<std::string, Pixels>> pictures = {
        {"line chart", rasterise(svg(LineChart{
                           caption,
                           {"step"},
                           {"loss", true},
                           {{"a", {0, 1, 2}, {3, 1, 2}}, {"b", {0, 1, 2}, {1, std::nan(""), 2}}},
                           {{"base", 2.5}}}))},
        {"heat map", rasterise(svg(HeatMap{
                         caption, "r", "c", {"a", "b"}, {"x", "y"}, {0, 1, 0.5, std::nan("")}}))},
        {"heat maps", rasterise(
                          svg(HeatMaps{caption,
                                       "r",
                                       "c",
                                       {"a", "b"},
                                       {"x", "y"},
                                       {{"one", {0, 1, 0.5, 0}}, {"two", {0, 1, 0, 0}}}}))},
        {"scatter",
         rasterise(svg(Scatter{caption,
                               {"x"},
                               {"y"},
                               {{"a", {0, 1}, {0, 1}, {"p", "q"}}, {"b", {0.5}, {0.2}, {}}}}))},
        {"bars", rasterise(svg(BarChart{caption, "p", {"a", "b"}, {0.3, 0.7}}))},
        {"histograms",
         rasterise(svg(Histograms{caption, "x", 0, 1, {{"a", {1, 2, 3}, 0, 0.5, 0.1}}}))},
        {"diagram",
         rasterise(svg(Diagram{caption, {{{"a", "1"}, {}}, {{"b"}, {}}, {{"+"}, {0, 1}}}}))},
        {"images", rasterise(svg(ImageSheet{caption, 2, 2, {{"7 read as 1", {0, 1, 1, 0}}}}))}};
    for (const auto& picture : pictures) {
        CAPTURE(picture.first);
        const Pixels& pixels = picture.second;
        CHECK(pixels.width == 1280);
        CHECK(pixels.height > 100);
        const double part = ink(pixels) / static_cast<double>(pixels.width * pixels.height);
        CHECK(part > 0.003);
        CHECK(part < 0.7);
    }
    // The sheet's four pixels, in the middle of the picture: black, white, white, black.
    const Pixels& sheet = pictures.back().second;
    const std::size_t middle = 640, top = 16, quarter = 42;
    CHECK(red(sheet, middle - quarter, top + quarter) == 0);
    CHECK(red(sheet, middle + quarter, top + quarter) == 255);
    CHECK(red(sheet, middle - quarter, top + 3 * quarter) == 255);
    CHECK(red(sheet, middle + quarter, top + 3 * quarter) == 0);
    Boundary film;
    film.caption = caption, film.rows = film.columns = 2;
    film.classes = {{"a", {0.5}, {0.5}, {}}, {"b", {-0.5}, {-0.5}, {}}};
    film.frames = {{"step 0", {0, 1, 0, 1}}, {"step 1", {1, 0, 0, 1}}};
    const Pixels frames = rasterise(svg(film));
    CHECK(colour_at(frames, 60, 130) == hex(signed_ramp().front()));
    CHECK(colour_at(frames, 550, 130) == hex(signed_ramp().back()));
}

TEST_CASE("the end of the path decides between PNG and SVG") {
    const TemporaryFolder folder;
    const BarChart chart{{"T", "L", "W"}, "p", {"a"}, {1}};
    write_picture(folder.file("a.png"), chart);
    write_picture(folder.file("a.svg"), chart);
    CHECK(read_file(folder.file("a.svg")) == svg(chart));
    CHECK(read_file(folder.file("a.png")) == png(chart));
    CHECK(read_grey_image(folder.file("a.png")).width == 1280);
    CHECK(folder.files() == 2);
    CHECK_FALSE(is_png_path("png"));
    CHECK_FALSE(is_png_path("a.png.svg"));
}

TEST_CASE("what our pictures do not use is refused rather than left out") {
    CHECK_THROWS_WITH(drawn("<ellipse rx=\"3\"/>"), "svg: unknown element <ellipse>");
    CHECK_THROWS_WITH(drawn("<rect fill=\"red\"/>"), "svg: unknown colour \"red\"");
    CHECK_THROWS_WITH(drawn("<path d=\"M0 0Q1 1 2 2\"/>"), "svg: path: unknown command Q");
    CHECK_THROWS_WITH(drawn("<path d=\"L0 0\"/>"), "svg: path: begins with L");
    CHECK_THROWS_WITH(drawn("<path d=\"M0\"/>"), "svg: path: a number is missing after M");
    CHECK_THROWS_WITH(drawn("<g transform=\"skewX(3)\"/>"),
                      "svg: unknown transform skewX of 1 numbers");
    CHECK_THROWS_WITH(drawn("<use href=\"#b\"/>"), "svg: nothing has the id \"#b\"");
    CHECK_THROWS_WITH(drawn("<g>"), "svg: </svg> ends nothing");
    CHECK_THROWS_WITH(rasterise("<svg viewBox=\"0 0 99999 9999\"></svg>"),
                      "svg: 199998 x 19998 pixels, must be at most 50000000 in all");
    CHECK_THROWS_WITH(rasterise("<p></p>"), "svg: begins with <p>");
}
