// SPDX-License-Identifier: MIT
#include "nn/files/datasets/idx.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/array_tensor.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/datasets/numbers.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

// Three images of 2 x 2 pixels, laid out as MNIST's: magic number 2051.
const std::string kImages = "\0\0\x08\x03\0\0\0\x03\0\0\0\x02\0\0\0\x02"s +
                            "\0\x01\x02\x03\x7F\x80\xFE\xFF\x0A\x14\x1E\x28"s;

}  // namespace

TEST_CASE("MNIST's images and labels are read, plain or gzipped, a byte per pixel") {
    const NumberArray images = idx_array(kImages, "x");
    CHECK(images.type == NumberType::u8);
    CHECK(images.shape == Shape{3, 2, 2});
    CHECK(images.bytes.size() == 12);
    CHECK(numbers(images) == std::vector<double>{0, 1, 2, 3, 127, 128, 254, 255, 10, 20, 30, 40});
    const NumberArray labels = idx_array("\0\0\x08\x01\0\0\0\x02\x07\x03"s, "x");  // 2049
    CHECK(labels.shape == Shape{2});
    CHECK(numbers(labels) == std::vector<double>{7, 3});
    CHECK(idx(images) == kImages);

    const TemporaryFolder folder;
    const std::string path = folder.file("t10k-images-idx3-ubyte");
    write_file(path, kImages);
    CHECK(read_idx(path).bytes == images.bytes);
    write_file(path, gzip(kImages));
    CHECK(read_idx(path).bytes == images.bytes);
}

TEST_CASE("all six types are big-endian, and are written as they are read") {
    const auto check = [](const std::string& bytes, NumberType type,
                          const std::vector<double>& expected) {
        CAPTURE(static_cast<int>(type));
        const NumberArray array = idx_array(bytes, "x");
        CHECK(array.type == type);
        CHECK(numbers(array) == expected);
        CHECK(idx(array) == bytes);
    };
    const std::string two = "\x01\0\0\0\x02"s;  // one axis of two
    check("\0\0\x08"s + two + "\x01\xFF"s, NumberType::u8, {1, 255});
    check("\0\0\x09"s + two + "\x01\xFF"s, NumberType::i8, {1, -1});
    check("\0\0\x0B"s + two + "\x01\x02\xFF\xFE"s, NumberType::i16, {258, -2});
    check("\0\0\x0C"s + two + "\x01\x02\x03\x04\xFF\xFF\xFF\xFE"s, NumberType::i32, {16909060, -2});
    check("\0\0\x0D"s + two + "\x3F\xC0\0\0\xC0\0\0\0"s, NumberType::f32, {1.5, -2});
    check("\0\0\x0E"s + two + "\x3F\xF8\0\0\0\0\0\0\xC0\0\0\0\0\0\0\0"s, NumberType::f64,
          {1.5, -2});
    // As many axes as a tensor has, one of them empty.
    const NumberArray empty = idx_array(
        "\0\0\x0D\x06\0\0\0\x05\0\0\0\0\xFF\xFF\xFF\xFF\0\0\0\x01\0\0\0\x01\0\0\0\x01"s, "x");
    CHECK(empty.shape.rank() == 6);
    CHECK(empty.shape.count() == 0);
}

TEST_CASE("what is not IDX, or of another length than its sizes promise, is refused") {
    const auto complaint = [](const std::string& bytes) {
        return file_error([&] { idx_array(bytes, "x"); });
    };
    CHECK(complaint("") == "x: offset 0: 0 bytes, but IDX begins with 4");
    CHECK(complaint("\x89PNG") ==
          "x: offset 0: not IDX, which begins with two zero bytes, but 89 50");
    CHECK(complaint("\0\0\x0A\x01"s) == "x: offset 2: type 0x0A, must be 08, 09, 0B, 0C, 0D or 0E");
    CHECK(complaint("\0\0\x08\0"s) == "x: offset 3: 0 axes, must be from 1 to 6");
    CHECK(complaint("\0\0\x08\xFF"s) == "x: offset 3: 255 axes, must be from 1 to 6");
    CHECK(complaint("\0\0\x08\x02\0\0\0\x01\0\0\0"s) ==
          "x: offset 4: the sizes of 2 axes are cut short");
    CHECK(complaint(kImages + "x") ==
          "x: offset 16: shape (3, 2, 2) takes 12 bytes, but 13 follow; there are too many");
    CHECK(complaint(kImages.substr(0, 27)) ==
          "x: offset 16: shape (3, 2, 2) takes 12 bytes, but 11 follow; the file is cut short");
    CHECK(complaint("\0\0\x0E\x02\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s) ==
          "x: offset 12: the product of the sizes is too large (4294967295 x 4294967295)");
    CHECK(refused_damage(kImages, [](const std::string& bytes) { idx_array(bytes, "x"); }) > 700);

    NumberArray array{NumberType::u16, {2}, {0, 0, 0}};
    CHECK_THROWS_WITH(idx(array), "idx: 3 bytes for shape (2,), must be 4");
    array.bytes.push_back(0);
    CHECK_THROWS_WITH(idx(array), "idx: the format has only u8, i8, i16, i32, f32 and f64 numbers");
    CHECK_THROWS_WITH(idx({NumberType::u8, {}, {0}}),
                      "idx: the format has no single numbers: reshape to (1)");
}

TEST_CASE("arrays become tensors and tensors arrays") {
    const Tensor images = to_tensor(idx_array(kImages, "x"));
    CHECK(images.shape() == Shape{3, 2, 2});
    CHECK(images.at(1, 1, 1) == 255);
    const Tensor x = Tensor::normal({3, 0, 2}, 1, 1), y = Tensor::normal({3, 5}, 1, 2);
    CHECK(to_tensor(to_array(x)).shape() == x.shape());
    CHECK(to_tensor(to_array(y)).to_vector() == y.to_vector());
    CHECK_THROWS_WITH(to_array(Tensor()), doctest::Contains("to_array"));
    NumberArray large{NumberType::f64, {}, {0, 0, 0, 0, 0, 0, 0xE0, 0x7F}};
    if (sizeof(Real) == 4)
        CHECK_THROWS_WITH(to_tensor(large), doctest::Contains("element 0 is 8.98"));
    large.bytes[6] = 0xF0;  // infinity
    CHECK(to_tensor(large).item() == std::numeric_limits<Real>::infinity());
}

TEST_CASE("an IDX file that is cut while it is read is refused, not read as zeros") {
    NumberArray array{NumberType::u8, {1 << 19}, {}};
    array.bytes.assign(1 << 19, 9);
    const auto right = [&](const std::string& path) { return read_idx(path).bytes == array.bytes; };
    CHECK(wrong_when_cut(idx(array), right) == 0);
}
