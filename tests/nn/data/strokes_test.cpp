// SPDX-License-Identifier: MIT
#include "nn/data/strokes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/settings.h"
#include "tests/sha256.h"

using namespace gradus;

namespace {

// A picture at eight bits per pixel; via float, since the double build would round differently.
std::string bytes(const Tensor& image) {
    std::string result;
    for (Index i = 0; i < image.count(); ++i)
        result += static_cast<char>(std::lround(255 * static_cast<float>(image[i])));
    return result;
}

bool equal(const Tensor& a, const Tensor& b) {
    return a.to_vector() == b.to_vector();
}

}  // namespace

TEST_CASE("the first thousand stroke digits of seed 1 are the same bytes on every machine" *
          kFullSpeedOnly) {
    CHECK(sha256(bytes(stroke_digits(1, Stream::data, 0, 1000).images)) ==
          "a436e9719f34e877c0a510c0da4760037b4d3f613f4e64296175ad6b5d22a3c4");
    CHECK(sha256(bytes(stroke_digits(1, Stream::data, 0, 100, {.size = 28}).images)) ==
          "ad1646e1740e08d6053d5b76c93e141c02c13a5b9c4c8df4d3e7b262af0ef1ff");
}

TEST_CASE("stroke digits are numbers from paper 0 to ink 1, and use both ends") {
    for (const Index size : {7, 16, 28}) {
        CAPTURE(size);
        const Tensor images = stroke_digits(2, Stream::data, 0, 50, {.size = size}).images;
        CHECK(images.shape() == Shape{50, size * size});
        const std::vector<Real> numbers = images.to_vector();
        const auto [lowest, highest] = std::minmax_element(numbers.begin(), numbers.end());
        CHECK(*lowest == 0);
        CHECK(*highest == 1);
    }
}

TEST_CASE("every ten stroke digits in a row hold each digit once") {
    const LabelledImages set = stroke_digits(1, Stream::data, 13, 100);
    CHECK(set.labels.shape == Shape{100});
    for (std::size_t i = 0; i < 100; ++i)
        CHECK(set.labels.id[i] == static_cast<int>((13 + i) % 10));
}

TEST_CASE("a stroke digit depends on seed, stream and index, not on its neighbours") {
    const Tensor all = stroke_digits(1, Stream::data, 0, 100).images;
    CHECK(equal(stroke_digits(1, Stream::data, 37, 5).images, all.slice(37, 42)));
    CHECK_FALSE(equal(stroke_digits(2, Stream::data, 0, 100).images, all));
    CHECK_FALSE(equal(stroke_digits(1, Stream::validation, 0, 100).images, all));
    for (Index i = 10; i < 100; ++i)  // no picture occurs twice
        CHECK_FALSE(equal(all.slice(i, i + 1), all.slice(i - 10, i - 9)));
}

TEST_CASE("poses stay within their documented range, on both sides of the middle") {
    double lowest[4] = {9, 9, 9, 9}, highest[4] = {-9, -9, -9, -9};
    for (std::uint64_t i = 0; i < 2000; ++i) {
        Random random(3, Stream::data, i);
        const StrokePose pose = random_pose(random);
        const double values[] = {pose.turn * 180 / 3.14159265, pose.scale_x, pose.scale_y,
                                 pose.shear};
        for (int k = 0; k < 4; ++k) {
            lowest[k] = std::min(lowest[k], values[k]);
            highest[k] = std::max(highest[k], values[k]);
        }
    }
    CHECK(lowest[0] > -15.01);
    CHECK(lowest[0] < -14.5);
    CHECK(highest[0] < 15.01);
    CHECK(highest[0] > 14.5);
    for (int k : {1, 2}) {
        CHECK(lowest[k] >= 0.8);
        CHECK(lowest[k] < 0.81);
        CHECK(highest[k] < 1.2);
        CHECK(highest[k] > 1.19);
    }
    CHECK(lowest[3] < -0.2);
    CHECK(highest[3] > 0.2);
}

TEST_CASE("a pose moves, stretches and turns the plain glyph as its fields say") {
    // The centre of the ink, as a fraction of the picture's side.
    const auto centre = [](const Tensor& picture, bool vertical) {
        double sum = 0, ink = 0;
        const Index size = picture.size(1);
        for (Index i = 0; i < picture.count(); ++i) {
            const double at = static_cast<double>(vertical ? i / size : i % size) + 0.5;
            sum += picture[i] * at / static_cast<double>(size);
            ink += picture[i];
        }
        return sum / ink;
    };
    const Tensor plain = draw_digit(0, {}, 64);
    CHECK(centre(plain, false) == doctest::Approx(0.5).epsilon(0.01));
    const Tensor moved = draw_digit(0, {.shift_x = 0.1, .shift_y = -0.05}, 64);
    CHECK(centre(moved, false) - centre(plain, false) == doctest::Approx(0.1).epsilon(0.02));
    CHECK(centre(moved, true) - centre(plain, true) == doctest::Approx(-0.05).epsilon(0.02));

    // Slanted or turned clockwise, the lower half goes left and the upper half right.
    for (const StrokePose& pose : {StrokePose{.shear = 0.2}, StrokePose{.turn = 0.2}}) {
        const Tensor leaning = draw_digit(0, pose, 64);
        CHECK(centre(leaning.slice(32, 64), false) < centre(plain.slice(32, 64), false) - 0.01);
        CHECK(centre(leaning.slice(0, 32), false) > centre(plain.slice(0, 32), false) + 0.01);
    }
    const auto rows_with_ink = [](const Tensor& picture) {
        int rows = 0;
        for (Index row = 0; row < picture.size(0); ++row) {
            const std::vector<Real> ink = picture.slice(row, row + 1).to_vector();
            rows += *std::max_element(ink.begin(), ink.end()) > 0;
        }
        return rows;
    };
    const int height = rows_with_ink(draw_digit(7, {}, 64));
    CHECK(rows_with_ink(draw_digit(7, {.scale_y = 1.2}, 64)) > height + 5);
    CHECK(rows_with_ink(draw_digit(7, {.scale_x = 1.2}, 64)) == height);

    // Twice the pen, about twice the ink; half the ink, half the sum.
    double thin = 0, thick = 0, pale = 0;
    for (const Real x : draw_digit(7, {.pen = 0.05}, 64).to_vector()) thin += x;
    for (const Real x : draw_digit(7, {.pen = 0.1}, 64).to_vector()) thick += x;
    for (const Real x : draw_digit(7, {.pen = 0.1, .ink = 0.5}, 64).to_vector()) pale += x;
    CHECK(thick / thin == doctest::Approx(2).epsilon(0.1));
    CHECK(pale / thick == doctest::Approx(0.5));
}

TEST_CASE("ten digits can be told apart: the nearest of 400 examples is right 85 times in 100") {
    const LabelledImages known = stroke_digits(1, Stream::data, 0, 400);
    const LabelledImages asked = stroke_digits(1, Stream::validation, 0, 100);
    int right = 0;
    for (Index i = 0; i < 100; ++i) {
        Index best = 0;
        double nearest = 1e9;
        for (Index j = 0; j < 400; ++j) {
            double distance = 0;
            for (Index k = 0; k < 256; ++k) {
                const double d = asked.images[i * 256 + k] - known.images[j * 256 + k];
                distance += d * d;
            }
            if (distance < nearest) nearest = distance, best = j;
        }
        right += known.labels.id[static_cast<std::size_t>(best)] ==
                 asked.labels.id[static_cast<std::size_t>(i)];
    }
    CHECK(right >= 85);
}

TEST_CASE("stroke digits say what they cannot draw") {
    CHECK_THROWS_WITH(draw_digit(10), "draw_digit: 10 is not a digit from 0 to 9");
    CHECK_THROWS_WITH(draw_digit(3, {}, 0), "draw_digit: size 0, must be at least 1");
    CHECK_THROWS_WITH(stroke_digits(1, Stream::data, 0, -1),
                      "stroke_digits: first 0, count -1, must not be negative");
    CHECK_THROWS_WITH(stroke_digits(1, Stream::data, 0, 1, {.size = 0}),
                      "stroke_digits: size 0, must be at least 1");
    CHECK_THROWS_WITH(stroke_digits(1, Stream::data, 0, 1, {.noise = -1}),
                      "stroke_digits: noise -1, must not be negative");
}
