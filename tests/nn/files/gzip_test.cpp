// SPDX-License-Identifier: MIT
#include "nn/files/gzip.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

// printf 'hello\n' | gzip -n, by gzip 1.12.
const std::string kHello =
    "\x1f\x8b\x08\0\0\0\0\0\0\x03\xcb\x48\xcd\xc9\xc9\xe7\x02\0\x20\x30\x3a\x36\x06\0\0\0"s;

// Text that packs to about a tenth.
std::string some_text(std::size_t bytes) {
    Random random(5, Stream::user);
    std::string text;
    while (text.size() < bytes)
        text += "line " + std::to_string(random.below(100)) + " of a text\n";
    return text;
}

}  // namespace

TEST_CASE("gzip files of other programs are unpacked, several in one, too") {
    CHECK(is_gzip(kHello));
    CHECK(!is_gzip("\x1F"));
    CHECK(gunzip(kHello, "x") == "hello\n");
    CHECK(gunzip(kHello + kHello + gzip("") + kHello, "x") == "hello\nhello\nhello\n");
    // With all that a header may hold: extra bytes, a name, a comment and its own checksum.
    std::string header = "\x1f\x8b\x08\x1c\0\0\0\0\0\x03\x02\0ABname\0comment\0"s;
    CHECK(gunzip(header + kHello.substr(10), "x") == "hello\n");
}

TEST_CASE("what is packed is unpacked again, in pieces of any size, and is the same every time") {
    for (const std::size_t bytes : {0, 1, 65535, 65536, 65537, 300'000}) {
        CAPTURE(bytes);
        const std::string text = some_text(bytes), packed = gzip(text);
        CHECK(gunzip(packed, "x") == text);
        CHECK(gzip(text) == packed);
        CHECK(packed.size() < 40 + text.size() / 5);
    }
    const std::string text = some_text(10'000), packed = gzip(text) + gzip(text);
    for (const std::size_t piece : {1, 7, 10'000, 30'000}) {
        CAPTURE(piece);
        Inflater inflater(packed, "x");
        std::string all, to(piece, '\0');
        std::size_t n = piece;
        while (n == piece) all.append(to, 0, n = inflater.read(to.data(), piece));
        CHECK(all == text + text);
        CHECK(inflater.read(to.data(), piece) == 0);
    }
}

TEST_CASE(
    "a small file that unpacks to more than the limit is refused before it takes the memory") {
    const std::string zeros = gzip(std::string(3'000'000, '\0'));
    CHECK(zeros.size() < 3000);
    CHECK(gunzip(zeros, "x", 3'000'000).size() == 3'000'000);
    CHECK(file_error([&] { gunzip(zeros, "x", 2'999'999); }) ==
          "x: a file of " + std::to_string(zeros.size()) +
              " bytes that unpacks to more than 2999999 (unpack it with gunzip, and take a part of "
              "it)");
    CHECK(gunzip(gzip(""), "x", 0) == "");
    CHECK(file_error([&] { gunzip(kHello, "x", 0); }).find("more than 0") != std::string::npos);
}

TEST_CASE("gzip files that are damaged, cut short or continued are refused") {
    const auto complaint = [](const std::string& packed) {
        return file_error([&] { gunzip(packed, "x"); });
    };
    CHECK(complaint("") == "x: offset 0: the packed data are cut short");
    CHECK(complaint("\x1F\x8B") == "x: offset 2: the packed data are cut short");
    CHECK(complaint("hello") == "x: offset 2: the packed data are damaged: incorrect header check");
    std::string wrong = kHello;
    wrong[19] ^= 1;
    CHECK(complaint(wrong) == "x: offset 22: the packed data are damaged: incorrect data check");
    wrong = kHello;
    wrong.back() ^= 1;
    CHECK(complaint(wrong) == "x: offset 26: the packed data are damaged: incorrect length check");
    wrong = kHello;
    wrong[10] = '\x07';  // a block of no type
    CHECK(complaint(wrong) == "x: offset 11: the packed data are damaged: invalid block type");
    CHECK(complaint(kHello + "\0\0"s) == "x: offset 26: 2 bytes follow the end of the packed data");
    CHECK(complaint(kHello + kHello.substr(0, 25)) ==
          "x: offset 51: the packed data are cut short");
    CHECK(file_error([] {
              char to[9];
              Inflater("\x03\0more", "x", Inflater::Format::deflate).read(to, 9);
          }) == "x: offset 1: the packed data are cut short");
    CHECK(file_error([] {
              char to[9];
              Inflater({"\x03\0more", 6}, "x", Inflater::Format::deflate).read(to, 9);
          }) == "x: offset 2: 4 bytes follow the end of the packed data");
    const int refused = refused_damage(gzip(some_text(2000)),
                                       [](const std::string& packed) { gunzip(packed, "x"); });
    CHECK(refused >= 1150);  // a changed time or system in the header goes unnoticed
}

TEST_CASE("a file is taken as it is, or unpacked if its contents and not its name are gzip") {
    const TemporaryFolder folder;
    const std::string path = folder.file("plain.gz");
    write_file(path, "hello\n");
    CHECK(UnpackedFile(path).bytes() == "hello\n");
    write_file(path, kHello);
    CHECK(UnpackedFile(path).bytes() == "hello\n");
    CHECK(UnpackedFile(path).path() == path);
    write_file(path, "");
    CHECK(UnpackedFile(path).bytes().empty());
    write_file(path, gzip("123456"));
    CHECK(file_error([&] { UnpackedFile(path, 5); }).find(path + ": a file of 26 bytes that") == 0);
    CHECK(file_error([&] { UnpackedFile(folder.file("none")); }).find("no such file") !=
          std::string::npos);
}
