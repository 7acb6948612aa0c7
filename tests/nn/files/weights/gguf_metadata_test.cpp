// SPDX-License-Identifier: MIT
#include "nn/files/weights/gguf_metadata.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.h"
#include "tests/nn/files/file_error.h"

using namespace gradus;

namespace {

template <class Number>
GgufValue array_of(std::vector<Number> values) {
    return GgufArray(std::move(values));
}

}  // namespace

TEST_CASE("every integer type is an integer, and all types but text and bool are numbers") {
    GgufMetadata metadata;
    const GgufValue values[] = {std::uint8_t{7},
                                std::int8_t{7},
                                std::uint16_t{7},
                                std::int16_t{7},
                                std::uint32_t{7},
                                std::int32_t{7},
                                std::uint64_t{7},
                                std::int64_t{7},
                                7.0F,
                                7.0};
    for (const GgufValue& value : values) {
        const std::string key = gguf_type_name(value.index());
        metadata.add(key, value);
        CHECK(metadata.number(key) == 7);
        if (key[0] != 'f') CHECK(metadata.integer(key) == 7);
    }
    CHECK(metadata.entries().size() == 10);
    CHECK(metadata.entries()[4].first == "u32");
    CHECK(file_error([&] { metadata.integer("f32"); }) ==
          "metadata: key \"f32\" is f32, but an integer below 2^63 is needed");
    CHECK_THROWS_AS(metadata.integer("f64"), FileError);
    metadata.add("high", std::uint64_t{1} << 63);
    metadata.add("top", std::uint64_t{std::numeric_limits<std::int64_t>::max()});
    CHECK_THROWS_AS(metadata.integer("high"), FileError);
    CHECK(metadata.number("high") == 0x1p63);
    CHECK(metadata.integer("top") == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("texts, bools and arrays") {
    GgufMetadata metadata("m.gguf");
    metadata.add("name", "llama");  // a string, not a bool
    metadata.add("yes", true);
    metadata.add("seven", 7);  // an i32
    metadata.add("words", std::vector<std::string>{"a", "", "c"});
    metadata.add("ids", std::vector<std::int32_t>{-1, 2});
    metadata.add("sizes", array_of<std::uint64_t>({1, std::uint64_t{1} << 63}));
    metadata.add("scores", std::vector<float>{0.5F, -2});
    metadata.add("flags", std::vector<bool>{true, false});
    CHECK(metadata.contains("name"));
    CHECK(!metadata.contains("nam"));
    CHECK(metadata.text("name") == "llama");
    CHECK(metadata.boolean("yes"));
    CHECK(metadata.entries()[2].second.index() == 5);
    CHECK(metadata.texts("words") == std::vector<std::string>{"a", "", "c"});
    CHECK(metadata.integers("ids") == std::vector<std::int64_t>{-1, 2});
    CHECK(metadata.numbers("ids") == std::vector<double>{-1, 2});
    CHECK(metadata.numbers("scores") == std::vector<double>{0.5, -2});
    CHECK(metadata.numbers("sizes") == std::vector<double>{1, 0x1p63});

    const auto error = [&](auto get) { return file_error([&] { get(metadata); }); };
    CHECK(error([](const auto& m) { m.text("yes"); }) ==
          "m.gguf: key \"yes\" is bool, but a string is needed");
    CHECK(error([](const auto& m) { m.boolean("seven"); }) ==
          "m.gguf: key \"seven\" is i32, but a bool is needed");
    CHECK(error([](const auto& m) { m.integer("yes"); }) ==
          "m.gguf: key \"yes\" is bool, but an integer below 2^63 is needed");
    CHECK(error([](const auto& m) { m.number("name"); }) ==
          "m.gguf: key \"name\" is string, but a number is needed");
    CHECK(error([](const auto& m) { m.integer("ids"); }) ==
          "m.gguf: key \"ids\" is an array of i32, but an integer below 2^63 is needed");
    CHECK(error([](const auto& m) { m.integers("seven"); }) ==
          "m.gguf: key \"seven\" is i32, but an array of integers below 2^63 is needed");
    CHECK(
        error([](const auto& m) { m.integers("sizes"); }) ==
        "m.gguf: key \"sizes\" is an array of u64, but an array of integers below 2^63 is needed");
    CHECK(error([](const auto& m) { m.integers("scores"); }) ==
          "m.gguf: key \"scores\" is an array of f32, but an array of integers below 2^63 is "
          "needed");
    CHECK(error([](const auto& m) { m.numbers("flags"); }) ==
          "m.gguf: key \"flags\" is an array of bool, but an array of numbers is needed");
    CHECK(error([](const auto& m) { m.texts("ids"); }) ==
          "m.gguf: key \"ids\" is an array of i32, but an array of strings is needed");
    CHECK(error([](const auto& m) { m.texts("name"); }) ==
          "m.gguf: key \"name\" is string, but an array of strings is needed");
    CHECK(error([](const auto& m) { m.integer("size"); }) ==
          "m.gguf: no key \"size\" among 8; near names: \"sizes\"");
    CHECK(error([](const auto& m) { m.text("no such key at all"); }) ==
          "m.gguf: no key \"no such key at all\" among 8");
}

TEST_CASE("a key is not empty, not too long, and there once") {
    GgufMetadata metadata;
    metadata.add("k", 1);
    CHECK_THROWS_WITH_AS(metadata.add("", 1), "gguf: an empty key", std::invalid_argument);
    CHECK_THROWS_WITH_AS(metadata.add("k", 2), "gguf: the key \"k\" is there twice",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(
        metadata.add(std::string(65536, 'k'), 1),
        doctest::Contains("a key of 65536 bytes, at most 65535 are allowed: \"kkk"),
        std::invalid_argument);
    CHECK_NOTHROW(metadata.add(std::string(65535, 'k'), 1));
    CHECK(metadata.integer("k") == 1);
}
