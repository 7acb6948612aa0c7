// SPDX-License-Identifier: MIT
// Bytes marked with a version of NumPy were written by it.
#include "nn/files/datasets/npy.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/datasets/numbers.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

// The header padded as NumPy 1.24 does, to 128 bytes in all, then the elements.
std::string file_of(const std::string& dictionary, const std::string& data) {
    std::string header = dictionary;
    header.resize(117, ' ');
    return "\x93NUMPY\x01\0v\0"s + header + "\n" + data;
}

std::string described(const std::string& descr, const std::string& shape, const std::string& data,
                      const std::string& fortran_order = "False") {
    return file_of("{'descr': '" + descr + "', 'fortran_order': " + fortran_order +
                       ", 'shape': " + shape + ", }",
                   data);
}

std::string complaint(const std::string& bytes) {
    return file_error([&] { npy_array(bytes, "x"); });
}

}  // namespace

TEST_CASE("a file of NumPy is read, and written with the same bytes") {
    // numpy.save of arange(6, dtype='<f4').reshape(2, 3), NumPy 1.24.
    const std::string bytes =
        described("<f4", "(2, 3)", "\0\0\0\0\0\0\x80?\0\0\0@\0\0@@\0\0\x80@\0\0\xa0@"s);
    const NumberArray array = npy_array(bytes, "x");
    CHECK(array.type == NumberType::f32);
    CHECK(array.shape == Shape{2, 3});
    CHECK(numbers(array) == std::vector<double>{0, 1, 2, 3, 4, 5});
    CHECK(npy(array) == bytes);
    CHECK(npy(npy_array(described("|b1", "()", "\x01"), "x")) == described("|b1", "()", "\x01"));
    CHECK(npy(npy_array(described("<f8", "(0, 3)", ""), "x")) == described("<f8", "(0, 3)", ""));

    const TemporaryFolder folder;
    write_file(folder.file("a.npy"), bytes);
    write_file(folder.file("b.npy"), gzip(bytes));
    CHECK(read_npy(folder.file("a.npy")).bytes == array.bytes);
    CHECK(read_npy(folder.file("b.npy")).bytes == array.bytes);
}

TEST_CASE("versions 2.0 and 3.0 have a header of 32-bit size") {
    for (const char version : {'\x02', '\x03'}) {
        std::string header = "{'descr': '<i8', 'fortran_order': False, 'shape': (1,), }";
        header.resize(115, ' ');
        const std::string bytes =
            "\x93NUMPY"s + version + "\0t\0\0\0"s + header + "\n" + "\x07" + std::string(7, '\0');
        const NumberArray array = npy_array(bytes, "x");
        CHECK(array.type == NumberType::i64);
        CHECK(numbers(array) == std::vector<double>{7});
    }
}

TEST_CASE("every type is read in both byte orders") {
    const auto check = [](const std::string& type, const std::string& little,
                          const std::vector<double>& expected) {
        CAPTURE(type);
        const auto width = static_cast<std::size_t>(type[1] - '0');
        std::string big = little;
        for (std::size_t i = 0; i < big.size(); ++i)
            big[i] = little[i / width * width + width - 1 - i % width];
        const NumberArray a = npy_array(described("<" + type, "(2,)", little), "x");
        const NumberArray b = npy_array(described(">" + type, "(2,)", big), "x");
        CHECK(numbers(a) == expected);
        CHECK(numbers(b) == expected);
        CHECK(a.type == b.type);
        const std::string order = width == 1 ? "|" : "<";
        CHECK(npy(b) == described(order + type, "(2,)", little));
    };
    check("b1", "\0\x01"s, {0, 1});
    check("u1", "\x01\xFF", {1, 255});
    check("i1", "\x01\xFF", {1, -1});
    check("u2", "\x02\x01\xFE\xFF", {258, 65534});
    check("i2", "\x02\x01\xFE\xFF", {258, -2});
    check("u4", "\x04\x03\x02\x01\xFE\xFF\xFF\xFF", {16909060, 4294967294});
    check("i4", "\x04\x03\x02\x01\xFE\xFF\xFF\xFF", {16909060, -2});
    check("u8", "\x01\0\0\0\0\x01\0\0\0\0\0\0\0\0\0\x80"s, {1099511627777, 9223372036854775808.});
    check("i8", "\x01\0\0\0\0\x01\0\0\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, {1099511627777, -2});
    check("f4", "\0\0\xC0\x3F\0\0\0\xC0"s, {1.5, -2});
    check("f8", "\0\0\0\0\0\0\xF8\x3F\0\0\0\0\0\0\0\xC0"s, {1.5, -2});
}

TEST_CASE("an array in Fortran's order comes out row by row") {
    // numpy.asfortranarray(arange(6).reshape(2, 3)), NumPy 1.24.
    CHECK(numbers(npy_array(described("|u1", "(2, 3)", "\0\x03\x01\x04\x02\x05"s, "True"), "x")) ==
          std::vector<double>{0, 1, 2, 3, 4, 5});
    // 2 x 3 x 4, against plain loops: element (i, j, k) is number i + 2 (j + 3 k) of the file.
    std::string data;
    for (int n = 0; n < 24; ++n) data += {static_cast<char>(n), 0};
    const NumberArray array = npy_array(described("<i2", "(2, 3, 4)", data, "True"), "x");
    Index at = 0;
    for (int i = 0; i < 2; ++i)
        for (int j = 0; j < 3; ++j)
            for (int k = 0; k < 4; ++k) CHECK(array[at++] == i + 2 * (j + 3 * k));
    for (const std::string shape : {"()", "(1,)"})
        CHECK(numbers(npy_array(described("|u1", shape, "\x07", "True"), "x")) ==
              std::vector<double>{7});
    CHECK(npy_array(described("<f8", "(0, 3)", "", "True"), "x").shape == Shape{0, 3});
}

TEST_CASE("the header's dictionary may be written in any way that is one") {
    for (const std::string dictionary :
         {"{\"shape\":(1,),\"descr\":\"|u1\",\"fortran_order\":False}",
          "  { 'descr' : '|u1' , 'shape' : ( 1 , ) , 'fortran_order' : True , }",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}\n\n"}) {
        CAPTURE(dictionary);
        CHECK(numbers(npy_array(file_of(dictionary, "\x05"), "x")) == std::vector<double>{5});
    }
}

TEST_CASE("a header is never evaluated: anything but such a dictionary is refused") {
    const auto in_header = [](const std::string& dictionary) {
        return complaint(file_of(dictionary, "\x05"));
    };
    CHECK(in_header("__import__('os').system('ls')")
              .find("x: offset 10: the header has \"__import__('os').system(...\" where \"{\" is "
                    "needed") == 0);
    CHECK(in_header("{'descr': '|u1', 'descr': '|u1', }") ==
          "x: offset 27: duplicate key \"descr\"");
    CHECK(in_header("{'descr': '|u1', 'x\n': 1, }") == "x: offset 27: unknown key \"x\\n\"");
    CHECK(in_header("{'descr': '|u1', 'shape': (1,), }") ==
          "x: offset 43: the header lacks \"fortran_order\"");
    CHECK(in_header("{}") == "x: offset 12: the header lacks \"descr\"");
    CHECK(in_header("{'descr': '|u1', 'shape': (1), 'fortran_order': False}")
              .find("x: offset 38: the header has \"), 'fortran_order': Fals...\" where \",\" is "
                    "needed") == 0);
    CHECK(in_header("{'descr': '|u1', 'shape': (1, -1), 'fortran_order': False}")
              .find("x: offset 40: \"-1), 'fortran_order': Fa...\" is not a size") == 0);
    CHECK(in_header("{'descr': '|u1', 'shape': (1000000000000000000,), }").find("is not a size") !=
          std::string::npos);
    CHECK(in_header("{'descr': '|u1', 'shape': (9,9,9,9,9,9,9), 'fortran_order': False}") ==
          "x: offset 128: 7 axes, at most 6 are supported");
    CHECK(in_header("{'descr': '|u1', 'fortran_order': 0, 'shape': (1,), }")
              .find("where \"False\" is needed") != std::string::npos);
    CHECK(in_header("{'descr': '|u1', 'fortran_order': False, 'shape': (1,), } {}") ==
          "x: offset 68: text after the dictionary");
    CHECK(in_header("{'descr': '|u1").find("a string that does not end") != std::string::npos);
    CHECK(in_header("{'descr': '\\x41', }").find("a backslash") != std::string::npos);
    CHECK(in_header("{'descr': [('a', '<f4')], }") ==
          "x: offset 20: an array of records, whose columns must be saved one by one");
    for (const std::string type :
         {"<c8", "<f2", "|O", "<U3", "f4", "=f4", "|f4", "", "<", "<f44"}) {
        CAPTURE(type);
        CHECK(complaint(described(type, "(1,)", "\x05")) ==
              "x: offset 20: type \"" + type + "\"; b1, u1 to u8, i1 to i8, f4 and f8 can be read");
    }
}

TEST_CASE("sizes that the file does not hold are refused") {
    CHECK(complaint("PK\x03\x04....") ==
          "x: offset 0: not an .npy file, which begins with \\x93NUMPY, but \"PK\\x03\\x04..\"");
    CHECK(complaint("\x93NUMPY\x01"s) == "x: offset 6: the file is cut short in its header");
    CHECK(complaint("\x93NUMPY\x04\x01\0\0\0\0"s) ==
          "x: offset 6: version 4.1, must be 1.0, 2.0 or 3.0");
    CHECK(complaint("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF{}"s) ==
          "x: offset 8: a header of 4294967295 bytes, of which there are 2; at most 10000 are "
          "allowed");
    CHECK(complaint(described("<f4", "(2, 3)", "1234")) ==
          "x: offset 128: shape (2, 3) takes 24 bytes, but 4 follow; the file is cut short");
    CHECK(complaint(described("<f4", "(1,)", "12345678")) ==
          "x: offset 128: shape (1,) takes 4 bytes, but 8 follow; there are too many");
    CHECK(complaint(described("<f8", "(99999999999, 99999999999)", "")) ==
          "x: offset 128: the product of the sizes is too large (99999999999 x 99999999999)");
    CHECK(complaint(described("|b1", "(3,)", "\x01\0\x02"s)) ==
          "x: element 2: 2 is not a boolean, 0 or 1");
    const std::string valid = described("<f4", "(2, 3)", std::string(24, 'x'));
    CHECK(refused_damage(valid, [](const std::string& bytes) { npy_array(bytes, "x"); }) > 900);
    CHECK_THROWS_WITH(npy({NumberType::f32, {2}, {}}), "npy: 0 bytes for shape (2,), must be 8");
}

TEST_CASE("an .npy file that is cut while it is read is refused, not read as zeros") {
    NumberArray array{NumberType::u8, {1 << 19}, {}};
    array.bytes.assign(1 << 19, 9);
    const auto right = [&](const std::string& path) { return read_npy(path).bytes == array.bytes; };
    CHECK(wrong_when_cut(npy(array), right) == 0);
}
