// SPDX-License-Identifier: MIT
#include "nn/files/checksum.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/checked_json.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

// One bit at a time, as the standard defines it.
std::uint64_t bit_by_bit(const std::string& text) {
    std::uint64_t c = ~std::uint64_t{0};
    for (const char byte : text) {
        c ^= static_cast<unsigned char>(byte);
        for (int bit = 0; bit < 8; ++bit) c = c & 1 ? c >> 1 ^ 0xC96C5795D7870F42 : c >> 1;
    }
    return ~c;
}

std::string noise(std::size_t bytes) {
    Random random(1);
    std::string text;
    for (std::size_t i = 0; i < bytes; ++i) text += static_cast<char>(random.below(256));
    return text;
}

}  // namespace

TEST_CASE("the checksum of the standard's test vector is CRC-64/XZ's") {
    CHECK(checksum_of("123456789").text() == "995dc9bbdf1939fa");
    CHECK(checksum_of("").text() == "0000000000000000");
}

TEST_CASE("a checksum is that of the definition, in one piece or in several, in memory or a file") {
    const TemporaryFolder folder;
    for (const std::size_t bytes : {1, 7, 8, 9, 63, 1000}) {
        CAPTURE(bytes);
        const std::string text = noise(bytes);
        const Checksum whole = checksum_of(text);
        CHECK(whole.bytes == bytes);
        CHECK(whole.crc == bit_by_bit(text));
        for (const std::size_t cut : {std::size_t{0}, bytes / 3, bytes - 1, bytes}) {
            Checksum pieces;
            pieces.add(text.data(), cut);
            pieces.add(text.data() + cut, bytes - cut);
            CHECK(pieces == whole);
        }
        AtomicFile file(folder.file("x"));
        file.write(text.substr(0, bytes / 2));
        file.write(text.substr(bytes / 2));
        CHECK(file.checksum() == whole);
        file.commit();
        CHECK(checksum_of_file(folder.file("x")) == whole);
    }
    const std::string large = noise(1 << 20) + "x";  // more than is read at once
    write_file(folder.file("large"), large);
    CHECK(checksum_of_file(folder.file("large")) == checksum_of(large));
    CHECK_THROWS_WITH_AS(checksum_of_file(folder.file("none")), doctest::Contains("no such file"),
                         FileError);
    CHECK_THROWS_WITH_AS(checksum_of_file(folder.path()), doctest::Contains("it is a folder"),
                         FileError);
}

TEST_CASE("every flipped bit changes the checksum, and so does every cut") {
    std::string text = noise(200);
    const Checksum whole = checksum_of(text);
    for (std::size_t bit = 0; bit < 8 * text.size(); ++bit) {
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
        CHECK(checksum_of(text).crc != whole.crc);
        text[bit / 8] = static_cast<char>(text[bit / 8] ^ 1 << bit % 8);
    }
    CHECK(checksum_of(text) == whole);
    const std::string zeros(100, '\0');  // a CRC that began at 0 would not count them
    for (std::size_t n = 1; n < zeros.size(); ++n)
        CHECK(checksum_of(zeros.substr(0, n)).crc != checksum_of(zeros.substr(0, n - 1)).crc);
}

TEST_CASE("JSON with a checksum that is deeper than any of ours is refused before it is parsed") {
    for (const std::string& text : {"{\"checksum\":" + std::string(1'000'000, '['),
                                    std::string(1'000'000, '[') + std::string(1'000'000, ']')})
        CHECK_THROWS_WITH(parse_checked_json(text), "more than 64 levels of brackets");
}

TEST_CASE("JSON with a checksum comes back without it, and no changed byte goes unnoticed") {
    const nlohmann::json object = {{"a", 0.1}, {"text", "a \"checksum\": \"00\" ü"}, {"z", {1, 2}}};
    for (const int indent : {-1, 2}) {
        const std::string text = checked_json(object, indent);
        CHECK(text.back() == '\n');
        CHECK(parse_checked_json(text) == object);
        for (std::size_t at = 0; at < text.size(); ++at)
            for (const int change : {1, 16, 32}) {
                std::string damaged = text;
                damaged[at] = static_cast<char>(damaged[at] ^ change);
                bool checked = true;
                try {
                    parse_checked_json(damaged, checked);
                    CHECK_FALSE(checked);  // the key itself: the caller sees that there is none
                    CHECK(at > text.find("checksum") - 1);
                    CHECK(at < text.find("checksum") + 9);
                } catch (const std::exception&) {
                }
            }
    }
    // What older programs wrote, and what a person has edited.
    bool checked = true;
    CHECK(parse_checked_json("[1]", checked) == nlohmann::json{1});
    CHECK_FALSE(checked);
    std::string edited = checked_json(object, 2);
    edited.replace(edited.find("0.1"), 3, "0.2");
    std::string message;
    try {
        parse_checked_json(edited);
    } catch (const std::invalid_argument& error) {
        message = error.what();
    }
    const std::size_t found = message.find("contents have ");
    REQUIRE(found != message.npos);
    const std::size_t at = edited.find("\"checksum\": \"") + 13;
    edited.replace(at, 16, message.substr(found + 14, 16));
    CHECK(parse_checked_json(edited)["a"] == 0.2);
}
