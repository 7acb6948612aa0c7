// SPDX-License-Identifier: MIT
#include "nn/data/labelled_images.h"

#include <doctest/doctest.h>

#include <cmath>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/idx.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

struct Files {
    TemporaryFolder folder{memory_folder()};
    std::string images = folder.file("images"), labels = folder.file("labels");

    Files(const Shape& shape, const std::vector<std::uint8_t>& pixels,
          const std::vector<std::uint8_t>& digits) {
        write_file(images, idx({NumberType::u8, shape, pixels}));
        write_file(labels, idx({NumberType::u8, {std::ssize(digits)}, digits}));
    }
    std::string complaint() const {
        return file_error([&] { read_labelled_images(images, labels); });
    }
};

bool close(const Tensor& images, const std::vector<double>& bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i)
        if (std::abs(static_cast<double>(images[static_cast<Index>(i)]) - bytes[i] / 255) > 1e-6)
            return false;
    return images.count() == std::ssize(bytes);
}

}  // namespace

TEST_CASE("drawn digits come back from MNIST's files, rounded to eight bits") {
    const TemporaryFolder folder(memory_folder());
    const LabelledImages drawn = stroke_digits(1, Stream::data, 0, 50);
    write_labelled_images(drawn, folder.file("images.gz"), folder.file("labels.gz"));
    const LabelledImages read =
        read_labelled_images(folder.file("images.gz"), folder.file("labels.gz"));
    CHECK(read.labels.id == drawn.labels.id);
    REQUIRE(read.images.shape() == drawn.images.shape());
    double worst = 0;
    for (Index i = 0; i < drawn.images.count(); ++i)
        worst = std::max(worst, std::abs(static_cast<double>(read.images[i] - drawn.images[i])));
    CHECK(worst < 0.501 / 255);
    CHECK(worst > 0.4 / 255);
    // What has been rounded once comes back exactly.
    write_labelled_images(read, folder.file("again.gz"), folder.file("labels.gz"));
    CHECK(read_file(folder.file("again.gz")) == read_file(folder.file("images.gz")));
    CHECK_THROWS_WITH(write_labelled_images({Tensor({1, 5}), Tokens({1}, {0})}, "x", "y"),
                      "write_labelled_images: images (1, 5) and 1 labels");
}

TEST_CASE("images of other sizes are scaled by the mean of the area that a pixel covers") {
    const Files halved({1, 2, 4}, {0, 100, 200, 0, 100, 200, 0, 40}, {7});
    CHECK(close(read_labelled_images(halved.images, halved.labels, 1).images, {80}));
    CHECK(close(read_labelled_images(halved.images, halved.labels, 2).images, {50, 100, 150, 20}));
    const Files thirds({1, 3, 3}, {0, 90, 180, 0, 90, 180, 0, 90, 180}, {0});
    // A pixel of 1.5: the first and half of the second, or half of the second and the third.
    CHECK(close(read_labelled_images(thirds.images, thirds.labels, 2).images, {30, 150, 30, 150}));
    CHECK(close(read_labelled_images(thirds.images, thirds.labels, 3).images,
                {0, 90, 180, 0, 90, 180, 0, 90, 180}));
    const Files small({2, 1, 1}, {10, 20}, {1, 2});
    CHECK(close(read_labelled_images(small.images, small.labels, 2).images,
                {10, 10, 10, 10, 20, 20, 20, 20}));
    // Any size: what is evenly grey stays so.
    const Files grey({1, 28, 28}, std::vector<std::uint8_t>(28 * 28, 123), {0});
    CHECK(close(read_labelled_images(grey.images, grey.labels).images,
                std::vector<double>(16 * 16, 123)));
}

TEST_CASE("files that are not images with as many labels are refused") {
    const Files flat({4}, {1, 2, 3, 4}, {1, 2, 3, 4});
    CHECK(flat.complaint() ==
          flat.images + ": shape (4,), must be images (n, height, width) of bytes");
    const Files none({0, 2, 2}, {}, {});
    CHECK(none.complaint().find("shape (0, 2, 2), must be images") != std::string::npos);
    const Files fewer({2, 1, 1}, {1, 2}, {1});
    CHECK(fewer.complaint() == fewer.labels + ": 1 labels for the 2 images of " + fewer.images);
    const Files eleven({2, 1, 1}, {1, 2}, {1, 10});
    CHECK(eleven.complaint() == eleven.labels + ": label 1 is 10, must be a digit from 0 to 9");
    const Files swapped({1, 1, 1}, {1}, {1});
    CHECK(file_error([&] {
              read_labelled_images(swapped.labels, swapped.images);
          }).find("must be images") != std::string::npos);
}
