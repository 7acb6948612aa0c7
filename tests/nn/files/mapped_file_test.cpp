// SPDX-License-Identifier: MIT
#include "nn/files/mapped_file.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <stdexcept>

#include "nn/files/atomic_file.h"
#include "tensor/error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

TEST_CASE("a mapped file has the bytes of the file, and an empty one none") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mapped"), empty = folder.file("empty");
    std::string text(10'000, 'a');
    text += "end";
    write_file(path, text);
    write_file(empty, "");
    const MappedFile file(path);
    CHECK(file.size() == text.size());
    CHECK(file.bytes(0, file.size()) == text);
    CHECK(file.bytes(10'000, 3) == "end");
    CHECK(file.bytes(file.size(), 0).empty());
    CHECK_THROWS_AS(file.bytes(10'001, 3), std::invalid_argument);
    CHECK_THROWS_AS(file.bytes(~std::uint64_t{0}, 2), std::invalid_argument);
    CHECK(MappedFile(empty).bytes(0, 0).empty());
}

TEST_CASE("a mapped file that is cut short says which bytes are missing, and gives the others") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mapped");
    write_file(path, std::string(20'000, 'a'));
    const MappedFile file(path);
    REQUIRE(::truncate(path.c_str(), 5000) == 0);
    CHECK(file.bytes(4990, 10) == std::string(10, 'a'));
    CHECK_THROWS_WITH_AS(file.bytes(4990, 20),
                         (path + ": offset 5000: the file has been cut short since it was opened, "
                                 "10 bytes are missing")
                             .c_str(),
                         FileError);
    CHECK_THROWS_WITH_AS(file.bytes(10'000, 20), doctest::Contains("offset 10000"), FileError);
}

TEST_CASE("a mapped file that is cut short while its bytes are read gives zeros, then an error") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mapped"), other = folder.file("other");
    write_file(path, std::string(200'000, 'a'));
    write_file(other, std::string(200'000, 'b'));
    const MappedFile file(path), whole(other);
    const std::string_view bytes = file.bytes(0, 200'000);
    REQUIRE(::truncate(path.c_str(), 100) == 0);
    std::size_t zeros = 0, letters = 0;  // a page that is gone raises SIGBUS
    for (const char c : bytes) zeros += c == 0, letters += c == 'a';
    CHECK(zeros + letters == 200'000);
    CHECK(zeros > 190'000);
    CHECK(letters >= 100);
    CHECK_THROWS_WITH_AS(file.bytes(0, 200'000), doctest::Contains("cut short"), FileError);
    REQUIRE(::truncate(path.c_str(), 200'000) == 0);  // growing again does not bring them back
    CHECK_THROWS_WITH_AS(file.bytes(0, 200'000),
                         (path + ": the file was cut short while it was being read").c_str(),
                         FileError);
    CHECK(whole.bytes(0, 200'000) == std::string(200'000, 'b'));
    CHECK(MappedFile(path).bytes(0, 1) == "a");
}

TEST_CASE("a mapped file that is replaced under its name stays what it was") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mapped");
    write_file(path, "old");
    const MappedFile file(path);
    write_file(path, "new and longer");
    CHECK(file.bytes(0, 3) == "old");
    CHECK(MappedFile(path).size() == 14);
}

TEST_CASE("a name with a zero byte is no other file's") {
    const TemporaryFolder folder;
    const std::string path = folder.file("mapped");
    write_file(path, "text");
    CHECK_THROWS_WITH_AS(MappedFile(path + std::string("\0x", 2)),
                         doctest::Contains("a zero byte in the name"), FileError);
    CHECK_THROWS_AS(MappedFile(""), FileError);
}
