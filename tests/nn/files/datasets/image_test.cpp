// SPDX-License-Identifier: MIT
#include "nn/files/datasets/image.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/jpeg_parts.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;

namespace {

// 16 x 8 pixels, the left half 40, the right half 200; written by stb_image_write at quality 60.
constexpr std::string_view kJpeg =
    "ffd8ffe000104a46494600010100000100010000ffdb0084000d090a0b0a080d0b0a0b0e0e0d0f13201513121213"
    "271c1e17202e2931302e292d2c333a4a3e333646372c2d405741464c4e525352323e5a615a50604a51524f010e0e"
    "0e131113261515264f352d354f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f"
    "4f4f4f4f4f4f4f4f4f4f4f4f4f4f4f4fffc00011080008001003012200021101031101ffc401a200000105010101"
    "01010100000000000000000102030405060708090a0b100002010303020403050504040000017d01020300041105"
    "122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a343536"
    "3738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a9293"
    "9495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3"
    "e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa0100030101010101010101010000000000000102030405060708090a0b"
    "1100020102040403040705040400010277000102031104052131061241510761711322328108144291a1b1c10923"
    "3352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a63"
    "6465666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5"
    "b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9faffda000c03"
    "010002110311003f00e26bd8abc76bd8a803ffd9";

std::string from_hex(std::string_view hex) {
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    return out;
}

// Every pixel another: a picture that is mirrored or shifted would be noticed.
Pixels gradient(std::size_t width, std::size_t height, std::size_t channels) {
    Pixels out{width, height, channels, {}};
    for (std::size_t i = 0; i < width * height * channels; ++i)
        out.bytes.push_back(static_cast<std::uint8_t>(i * 7 + i / width));
    return out;
}

// The error of a file with these bytes, without its name; "" if it is read.
std::string error_of(const std::string& bytes) {
    try {
        grey_image(bytes, "a.png");
    } catch (const FileError& error) {
        const std::string message = error.what();
        CHECK(message.starts_with("a.png: "));
        CHECK_FALSE(contains(message, "\n"));
        return message.substr(7);
    }
    return "";
}

// A PNG file's first 33 bytes: 8 bits of grey. (The decoder does not check the CRC.)
std::string png_header(std::uint32_t width, std::uint32_t height) {
    std::string out("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16);
    for (const std::uint32_t size : {width, height})
        for (const int shift : {24, 16, 8, 0}) out += static_cast<char>(size >> shift);
    return out + std::string("\x08\0\0\0\0\0\0\0\0", 9);
}

// The two headers of a BMP file; `palette` bytes follow, then the pixels.
std::string bmp(std::int32_t width, std::int32_t height, int bits, int palette) {
    std::string out = "BM";
    const auto put = [&](std::int64_t value, int bytes) {
        for (int i = 0; i < bytes; ++i) out += static_cast<char>(i < 8 ? value >> 8 * i & 255 : 0);
    };
    put(0, 8), put(54 + palette, 4), put(40, 4), put(width, 4), put(height, 4);
    put(1, 2), put(bits, 2), put(0, 24);
    return out;
}

}  // namespace

TEST_CASE("a grey PNG is read as it was written, whatever its size") {
    const TemporaryFolder folder;
    for (const std::size_t width : {1, 2, 17, 301}) {
        for (const std::size_t height : {1, 3, 40}) {
            const Pixels written = gradient(width, height, 1);
            write_file(folder.file("a.png"), png(written));
            const Pixels read = read_grey_image(folder.file("a.png"));
            CHECK(read.width == width);
            CHECK(read.height == height);
            CHECK(read.channels == 1);
            CHECK(read.bytes == written.bytes);
        }
    }
    CHECK(folder.files() == 1);  // no temporary file is left
}

TEST_CASE("colours become grey as the eye weighs them, and transparent pixels white") {
    const TemporaryFolder folder;
    const std::string path = folder.file("a.png");
    write_file(path, png(Pixels{4, 1, 3, {255, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9}}));
    const std::vector<std::uint8_t> grey = read_grey_image(path).bytes;
    const double weights[] = {0.30 * 255, 0.59 * 255, 0.11 * 255, 9};
    for (std::size_t i = 0; i < 4; ++i) CHECK(grey[i] == doctest::Approx(weights[i]).epsilon(0.02));
    // A BMP of 32 bits: black, a quarter transparent, and white, wholly transparent.
    std::string bmp("BM\x3e\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\2\0\0\0\1\0\0\0\1\0\x20\0", 30);
    bmp += std::string(24, '\0') + std::string("\0\0\0\xbf\0\0\0\0", 8);
    write_file(path, bmp);
    CHECK(read_grey_image(path).bytes == std::vector<std::uint8_t>{64, 255});
}

TEST_CASE("JPEG, PGM and PPM are read, whatever the file is called") {
    const TemporaryFolder folder;
    const std::string path = folder.file("photo");
    write_file(path, from_hex(kJpeg));
    const Pixels jpeg = read_grey_image(path);
    REQUIRE(jpeg.bytes.size() == 16 * 8);
    for (std::size_t i = 0; i < jpeg.bytes.size(); ++i)
        CHECK(std::abs(jpeg.bytes[i] - (i % 16 < 8 ? 40 : 200)) <= 4);
    write_file(path, std::string("P5 3 2 255\n\1\2\3\4\5\6", 17));
    CHECK(read_grey_image(path).bytes == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
    write_file(path, "P6 1 1 255\nAAA");
    CHECK(read_grey_image(path).bytes == std::vector<std::uint8_t>{65});
}

TEST_CASE("a photo is turned as the camera was held") {
    // 1 2 3   as each of the eight orientations shows it: mirrored, upside down, ...
    // 4 5 6
    using Bytes = std::vector<std::uint8_t>;
    const Bytes shown[] = {{1, 2, 3, 4, 5, 6}, {3, 2, 1, 6, 5, 4}, {6, 5, 4, 3, 2, 1},
                           {4, 5, 6, 1, 2, 3}, {1, 4, 2, 5, 3, 6}, {4, 1, 5, 2, 6, 3},
                           {6, 3, 5, 2, 4, 1}, {3, 6, 2, 5, 1, 4}};
    const Pixels stored{3, 2, 1, {1, 2, 3, 4, 5, 6}};
    for (int orientation = 1; orientation <= 8; ++orientation) {
        CAPTURE(orientation);
        const Pixels turned = oriented(stored, orientation);
        CHECK(turned.width == (orientation < 5 ? 3 : 2));
        CHECK(turned.height == (orientation < 5 ? 2 : 3));
        CHECK(turned.bytes == shown[orientation - 1]);
    }
    // Orientation 6, a phone held upright, in both byte orders, before the JPEG's other segments:
    // its left half, which is dark, becomes the upper half.
    const std::string big("MM\0\x2a\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0", 26),
        little("II\x2a\0\x08\0\0\0\1\0\x12\1\3\0\1\0\0\0\6\0\0\0\0\0\0\0", 26);
    for (const std::string& tiff : {big, little}) {
        std::string jpeg = from_hex(kJpeg);
        jpeg.insert(2, std::string("\xff\xe1\0\x22"
                                   "Exif\0\0",
                                   10) +
                           tiff);
        const Pixels turned = grey_image(jpeg, "a.jpg");
        CHECK(turned.width == 8);
        CHECK(turned.height == 16);
        CHECK(std::abs(turned.bytes[3] - 40) <= 4);
        CHECK(std::abs(turned.bytes[15 * 8 + 3] - 200) <= 4);
        CHECK(exif_orientation(jpeg) == 6);
        for (std::size_t size = 0; size < 60; ++size)  // nothing is read beyond the end
            CHECK((exif_orientation(jpeg.substr(0, size)) == 1 || size >= 38));
    }
    CHECK(exif_orientation(from_hex(kJpeg)) == 1);
}

TEST_CASE("of the Exif data in a JPEG the first count, and no more than is there") {
    const auto segment = [](char orientation, std::size_t left_out) {
        std::string tiff("MM\0\x2a\0\0\0\x08\xff\xff\1\x12\0\3\0\0\0\1\0\0\0\0", 22);
        tiff[19] = orientation;
        tiff.resize(tiff.size() - left_out);
        const std::string exif = std::string("Exif\0\0", 6) + tiff;
        return std::string("\xff\xe1\0", 3) + static_cast<char>(exif.size() + 2) + exif;
    };
    CHECK(exif_orientation("\xff\xd8" + segment(6, 0)) == 6);
    CHECK(exif_orientation("\xff\xd8" + segment(6, 0) + segment(3, 0)) == 6);
    CHECK(exif_orientation("\xff\xd8" + segment(6, 1)) == 1);
}

TEST_CASE("what is not an image is refused in one line that names the file") {
    const TemporaryFolder folder;
    CHECK(error_of("") == "not an image: the file is empty");
    const std::string none = "not a PNG, JPEG, BMP or PNM image, or damaged, or far too large";
    CHECK(error_of("x") == none);
    CHECK(error_of(std::string(10'000, 'x')) == none);
    CHECK(error_of("GIF89a" + std::string(100, '\1')) == none);
    CHECK_THROWS_WITH_AS(read_grey_image(folder.path()), doctest::Contains("it is a folder"),
                         FileError);
    CHECK_THROWS_WITH_AS(read_grey_image(folder.file("none")), doctest::Contains("no such file"),
                         FileError);
    CHECK_THROWS_AS(read_grey_image(""), FileError);
}

TEST_CASE("sizes are checked before pixels are decoded") {
    const TemporaryFolder folder;
    const std::string path = folder.file("photo.png");
    CHECK(error_of(png_header(60'000, 60'000)) ==
          "not a PNG, JPEG, BMP or PNM image, or damaged, or far too large");
    CHECK(error_of(png_header(10'000, 5001)) ==
          "image of 10000 x 5001 pixels, must be at most 50000000 in all");
    CHECK(error_of(png_header(10'000, 5000)).starts_with("damaged image: "));
    CHECK(error_of(png_header(0x7fffffff, 2)) != "");
    CHECK(error_of(png_header(0xffffffff, 0xffffffff)) != "");
    CHECK(error_of(png_header(0, 5)) != "");
    CHECK(error_of(png_header(5, 5)).starts_with("damaged image: "));
    // These would have got past the check of Huffman tables (found by tests/fuzz).
    CHECK(error_of("\xFF\xFF\xD8\xFF\xC4\x8A\x48\x01\xFF\xD8\xFF\xC4\x8A\x48\x01")
              .starts_with("not a PNG, JPEG, BMP or PNM image"));
    // stb_image 2.27 would overflow an int (found by tests/fuzz).
    for (const char* header :
         {"P5 6666666666 1 255\n", "P6 1\f1 #\n 9999999999\n", "P5 1 12345678901"})
        CHECK(error_of(header).starts_with("not a PNG, JPEG, BMP or PNM image"));
    CHECK(error_of("P5 9000 9000 255\n") ==
          "image of 9000 x 9000 pixels, must be at most 50000000 in all");
    write_file(path, "x");
    std::filesystem::resize_file(path, kMostImageBytes + 1);  // sparse: takes no room
    CHECK_THROWS_WITH_AS(read_grey_image(path),
                         doctest::Contains("67108865 bytes, must be at most 67108864"), FileError);
}

TEST_CASE("a PNM image without all of its pixels is refused, and so is one of no size") {
    CHECK(error_of("P5 1000 1000 255\n") ==
          "damaged image: its pixels take 1000000 bytes, but 0 follow the header");
    CHECK(error_of("P6 2 1 255\nAAABB") ==
          "damaged image: its pixels take 6 bytes, but 5 follow the header");
    CHECK(error_of("P6 2 1 255\nAAABBB") == "");
    CHECK(error_of("P5 1 1 255") != "");
    CHECK(error_of("P5 1 1 255xA") != "");  // no white space after the header
    CHECK(error_of("P5 0 3 255\n") == "damaged image: 0 x 3 pixels");
    CHECK(error_of("P5 3 0 255\n") == "damaged image: 3 x 0 pixels");
}

TEST_CASE("the largest sample of a PNM image is white, whatever its number") {
    CHECK(grey_image("P5 1 1 1\n\x01", "a").bytes == std::vector<std::uint8_t>{255});
    CHECK(grey_image(std::string("P5 3 1 15\n\0\x07\x0f", 13), "a").bytes ==
          std::vector<std::uint8_t>{0, 119, 255});
    CHECK(error_of("P5 1 1 1\n\x02") ==
          "damaged image: a pixel of 2, but its header says that 1 is white");
    CHECK(error_of("P5 1 1 0\n\x01") != "");
}

TEST_CASE("a BMP image without all of its pixels, or with too many, is refused") {
    const std::string whole = bmp(3, 2, 24, 0) + std::string(21, 'x');  // the last row unpadded
    CHECK(error_of(whole) == "");
    CHECK(error_of(whole.substr(0, whole.size() - 1)) ==
          "damaged image: its pixels take 21 bytes, but 20 follow the header");
    CHECK(error_of(bmp(3, -2, 24, 0) + std::string(21, 'x')) == "");  // the first row at the top
    CHECK(error_of(bmp(1000, -60'000, 24, 0)) ==
          "image of 1000 x 60000 pixels, must be at most 50000000 in all");
    CHECK(error_of(bmp(1, INT32_MIN, 24, 0)) ==
          "image of 1 x 2147483648 pixels, must be at most 50000000 in all");
    CHECK(error_of(bmp(0, 5, 24, 0)) == "damaged image: 0 x 5 pixels");
    CHECK(error_of(bmp(5, 0, 24, 0)) == "damaged image: 5 x 0 pixels");
}

TEST_CASE("a BMP image has only the colours of its palette") {
    const std::string palette("\0\0\0\0\x50\x50\x50\0\xff\xff\xff\0", 12);
    const auto image = [&](int bits, std::string_view row) {
        return bmp(2, 1, bits, 12) + palette + std::string(row) + std::string(3, '\0');
    };
    using Bytes = std::vector<std::uint8_t>;
    CHECK(grey_image(image(8, "\x01\x02"), "a").bytes == Bytes{80, 255});
    CHECK(grey_image(image(4, "\x21"), "a").bytes == Bytes{255, 80});
    CHECK(grey_image(image(1, "\x40"), "a").bytes == Bytes{0, 80});
    CHECK(error_of(image(8, "\x01\x03")) ==
          "damaged image: a pixel of colour 3, but its palette has 3 colours");
    CHECK(error_of(image(4, "\x2f")) ==
          "damaged image: a pixel of colour 15, but its palette has 3 colours");
    CHECK(error_of(bmp(2, 1, 1, -8) + std::string(40, '\0')) != "");  // begins in the header
    // OS/2's, with a palette of two colours
    CHECK(error_of(std::string("BM\0\0\0\0\0\0\0\0\x20\0\0\0\x0c\0\0\0\2\0\1\0\1\0\1\0", 26) +
                   std::string(40, '\0')) == "a BMP image of OS/2 with a palette: save it as PNG");
}

TEST_CASE("a PNG cut short anywhere is refused") {
    const std::string whole = png(gradient(12, 9, 1));
    CHECK(error_of(whole) == "");
    for (std::size_t size = 0; size < whole.size(); ++size) {
        CAPTURE(size);
        // What is missing at the very end is the CRC of the last chunk, which nobody needs.
        CHECK((error_of(whole.substr(0, size)) != "" || size >= whole.size() - 8));
    }
}

TEST_CASE("a damaged image is read or refused, and nothing else happens") {
    Random random(31);
    const std::string files[] = {png(gradient(40, 30, 1)), png(gradient(20, 11, 3)),
                                 from_hex(kJpeg)};
    int refused = 0;
    for (int i = 0; i < 600; ++i) {
        std::string bytes = files[i % 3];
        for (std::uint64_t k = random.below(4) + 1; k > 0; --k)
            bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        if (i % 5 == 0) bytes.resize(random.below(bytes.size()));
        refused += error_of(bytes) != "";
    }
    CHECK(refused > 100);
    CHECK(refused < 600);
}

TEST_CASE("files for which stb_image 2.27 would leave its buffers are refused") {
    std::string jpeg = from_hex(kJpeg);
    const std::size_t table = jpeg.find("\xff\xc4");
    jpeg.replace(table + 5, 16, 16, '\xff');
    CHECK(error_of(jpeg) == "damaged image: a Huffman table of more than 256 codes");
    CHECK(error_of("P6 1 2 65535\n" + std::string(12, 'x')) ==
          "a PNM image of 16 bits: save it with 8, or as PNG");
}

TEST_CASE("pixels that do not fit their size are refused") {
    CHECK_THROWS_WITH(png(Pixels{2, 2, 1, {1, 2, 3}}),
                      "png: 3 bytes for 2 x 2 pixels of 1 channels");
    CHECK_THROWS_WITH(png(Pixels{1, 1, 2, {1, 2}}), "png: 2 channels, must be 1 or 3");
    CHECK_THROWS_WITH(png(Pixels{0, 5, 1, {}}),
                      "png: 0 x 5 pixels, must be from 1 to 50000000 in all");
    CHECK_THROWS_AS(png(Pixels{~std::size_t{0}, 2, 1, {}}), std::invalid_argument);
}

TEST_CASE("an image that is cut while it is read is refused, not read as black") {
    const std::vector<std::uint8_t> pixels(1000 * 500, 'x');
    const std::string pgm = "P5 1000 500 255\n" + std::string(pixels.begin(), pixels.end());
    const auto right = [&](const std::string& path) {
        return read_grey_image(path).bytes == pixels;
    };
    CHECK(wrong_when_cut(pgm, right, 0.5) == 0);
}
