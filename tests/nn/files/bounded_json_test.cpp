// SPDX-License-Identifier: MIT
#include "nn/files/bounded_json.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

std::string refusal(const std::string& text) {
    return file_error([&] { parse_bounded_json(text, "f"); });
}

}  // namespace

TEST_CASE("a file of JSON becomes a tree") {
    const TemporaryFolder folder;
    write_file(folder.file("a.json"), R"({"a": [1, "x[[[[{,:\"[", null]})");
    const nlohmann::json json = read_bounded_json(folder.file("a.json"));
    CHECK(json["a"][1] == "x[[[[{,:\"[");
    CHECK(parse_bounded_json("3", "f") == 3);
    CHECK(file_error([&] { read_bounded_json(folder.file("b.json")); }) != "");
}

TEST_CASE("what is not JSON is refused with its offset, in one line") {
    CHECK(refusal("") == "f: offset 0: not JSON: the text ends too early");
    CHECK(refusal("[1, 2") == "f: offset 5: not JSON: the text ends too early");
    CHECK(refusal("{\"a\" 1}") == "f: offset 5: not JSON: \"1}\"");
    CHECK(refusal(std::string("[1]\0", 4)) == "f: offset 3: not JSON: byte 0x00");
    CHECK(refusal("[\"\x1B[31m\"]") == "f: offset 2: not JSON: \"\\x1B[31m\"]\"");
    CHECK(refusal("[\"\xFF\"]").rfind("f: offset 2: not JSON: ", 0) == 0);
    CHECK(refusal("[1e999]") == "f: not JSON: a number is too large");
}

TEST_CASE("the depth of JSON is that of its brackets outside strings") {
    CHECK(json_depth("") == 0);
    CHECK(json_depth("[1, {\"a[\": [2]}, \"\\\"[[[\"]") == 3);
    CHECK(json_depth("]]][") == 1);
    CHECK(json_depth(std::string(1'000'000, '[')) == 1'000'000);
}

TEST_CASE("depth and number of values are counted before a tree is built") {
    CHECK(refusal(std::string(64, '[') + std::string(64, ']')) == "");
    CHECK(refusal(std::string(1'000'000, '[')) == "f: offset 64: more than 64 levels of brackets");
    std::string many = "[0";
    for (int i = 0; i < 1 << 22; ++i) many += ",0";
    CHECK(refusal(many + "]") == "f: offset 8388606: more than 4194304 values");
}
