// SPDX-License-Identifier: MIT
#include "nn/files/weights/gguf_header.h"

#include <doctest/doctest.h>

#include <cstring>

#include "nn/files/atomic_file.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/files/weights/gguf_bytes.h"
#include "tests/settings.h"
#include "tests/text.h"

using namespace gradus;

namespace {

const TemporaryFolder& folder() {
    static const TemporaryFolder folder(memory_folder());
    return folder;
}

GgufHeader header_of(const std::string& bytes) {
    const std::string path = folder().file("x.gguf");
    write_file(path, bytes);
    return read_gguf_header(MappedFile(path));
}

// The error for these bytes, without the path; "" if there is none.
std::string complaint(const std::string& bytes) {
    const std::string message = file_error([&] { header_of(bytes); });
    CHECK(message.find('\n') == message.npos);
    const std::string prefix = folder().file("x.gguf") + ": ";
    if (message.empty()) return "";
    CHECK(message.compare(0, prefix.size(), prefix) == 0);
    return message.substr(prefix.size());
}
std::string entry_complaint(const std::string& entry) {
    return complaint(gguf_file({}, {entry}));
}
std::string tensor_complaint(const std::string& tensor) {
    return complaint(gguf_file({tensor}, {}, std::string(64, '\0')));
}

const std::string zero8(8, '\0');

// One entry of every type, and tensors of several.
std::string valid_file() {
    const std::vector<std::string> entries = {
        gguf_entry("general.architecture", 8, gguf_string("llama")),
        gguf_entry("a.u8", 0, "\xFF"),
        gguf_entry("a.i8", 1, "\xFF"),
        gguf_entry("a.u16", 2, "\xFE\xFF"),
        gguf_entry("a.i16", 3, "\xFE\xFF"),
        gguf_entry("a.u32", 4, bytes_of(4000000000U)),
        gguf_entry("a.i32", 5, bytes_of(-5)),
        gguf_entry("a.f32", 6, bytes_of(0.5F)),
        gguf_entry("a.bool", 7, "\1"),
        gguf_entry("a.u64", 10, bytes_of(std::uint64_t{1} << 63)),
        gguf_entry("a.i64", 11, bytes_of(std::int64_t{-1} << 40)),
        gguf_entry("a.f64", 12, bytes_of(0.1)),
        gguf_entry("a.words", 9, gguf_array(8, 2, gguf_string("ab") + gguf_string(""))),
        gguf_entry("a.bools", 9, gguf_array(7, 3, std::string("\1\0\1", 3))),
        gguf_entry("a.scores", 9, gguf_array(6, 2, bytes_of(-1.0F) + bytes_of(2.0F))),
        gguf_entry("a.none", 9, gguf_array(5, 0, "")),
    };
    const std::vector<std::string> tensors = {
        gguf_tensor("w", {3, 2}, 0, 0),        // F32: 24 bytes
        gguf_tensor("q", {64, 2, 1}, 8, 32),   // Q8_0: 4 blocks, 136 bytes
        gguf_tensor("k", {256}, 12, 192),      // Q4_K: 144 bytes
        gguf_tensor("scalar", {}, 30, 352),    // BF16: 2 bytes
        gguf_tensor("empty", {5, 0}, 1, 384),  // no bytes
        gguf_tensor("last", {2}, 28, 384),     // F64
    };
    return gguf_file(tensors, entries, std::string(400, '\1'));
}

}  // namespace

TEST_CASE("a header with everything in it") {
    for (const std::uint32_t version : {2, 3}) {
        std::string bytes = valid_file();
        bytes[4] = static_cast<char>(version);
        const GgufHeader header = header_of(bytes);
        CHECK(header.metadata.entries().size() == 16);
        CHECK(header.metadata.entries()[0].first == "general.architecture");
        for (std::size_t i = 0; i < 9; ++i)  // in the order of the types' numbers
            CHECK(header.metadata.entries()[i + 1].second.index() == (i < 8 ? i : 10));
        CHECK(header.metadata.integer("a.u8") == 255);
        CHECK(header.metadata.integer("a.i8") == -1);
        CHECK(header.metadata.integer("a.u16") == 65534);
        CHECK(header.metadata.integer("a.i16") == -2);
        CHECK(header.metadata.integer("a.u32") == 4000000000);
        CHECK(header.metadata.integer("a.i32") == -5);
        CHECK(header.metadata.number("a.f32") == 0.5);
        CHECK(header.metadata.boolean("a.bool"));
        CHECK(header.metadata.number("a.u64") == 0x1p63);
        CHECK(header.metadata.integer("a.i64") == std::int64_t{-1} << 40);
        CHECK(header.metadata.number("a.f64") == 0.1);
        CHECK(header.metadata.texts("a.words") == std::vector<std::string>{"ab", ""});
        CHECK(header.metadata.numbers("a.scores") == std::vector<double>{-1, 2});
        CHECK(header.metadata.integers("a.none").empty());

        const std::vector<GgufTensor>& t = header.tensors;
        REQUIRE(t.size() == 6);
        const std::uint64_t data = bytes.size() - 400;
        CHECK(t[0].shape == std::vector<Index>{2, 3});
        CHECK(t[0].begin == data);
        CHECK(t[0].end == data + 24);
        CHECK(t[1].shape == std::vector<Index>{1, 2, 64});
        CHECK(std::string(t[1].type->name) == "Q8_0");
        CHECK(t[1].end - t[1].begin == 136);
        CHECK(t[2].end - t[2].begin == 144);
        CHECK(t[3].shape.empty());
        CHECK(t[3].end - t[3].begin == 2);
        CHECK(t[4].begin == t[4].end);
        CHECK(t[5].end == data + 400);
    }
}

TEST_CASE("what begins otherwise than a GGUF file is refused") {
    CHECK(
        complaint("") ==
        "offset 0: the word \"GGUF\" needs 4 bytes, but the file ends after 0: was it cut short?");
    CHECK(
        complaint("GGU") ==
        "offset 0: the word \"GGUF\" needs 4 bytes, but the file ends after 3: was it cut short?");
    CHECK(complaint("ggjt....") ==
          "offset 0: the file begins with \"ggjt\", not with \"GGUF\": it is of another format");
    CHECK(complaint("GGUF\3") ==
          "offset 4: the version needs 4 bytes, but the file ends after 1: was it cut short?");
    const auto version = [](std::uint32_t v) { return complaint(gguf_file({}, {}, "", v)); };
    CHECK(version(0) == "offset 4: version 0; 2 and 3 can be read");
    CHECK(
        version(1) ==
        "offset 4: version 1, which is no longer in use: convert the file with a newer llama.cpp");
    CHECK(version(2) == "");
    CHECK(version(3) == "");
    CHECK(version(4) == "offset 4: version 4; 2 and 3 can be read");
    CHECK(version(0x03000000) ==
          "offset 4: version 0x03000000: a big-endian file; only little-endian ones can be read");
    CHECK(version(0x00010000) != "");
}

TEST_CASE("a count must be one that the file has room for") {
    const auto counts = [](std::int64_t tensors, std::int64_t entries) {
        return complaint("GGUF" + bytes_of(3U) + bytes_of(tensors) + bytes_of(entries) + zero8);
    };
    CHECK(counts(-1, 0) == "offset 8: a negative count of tensors: -1");
    CHECK(counts(0, -1) == "offset 16: a negative count of entries of metadata: -1");
    CHECK(counts(1, 0) ==
          "offset 8: 1 tensors do not fit into the 16 bytes that follow: was the file cut short?");
    CHECK(counts(0, 1) ==
          "offset 16: 1 entries of metadata do not fit into the 8 bytes that follow: was the file "
          "cut short?");
    CHECK(counts(1048577, 0) == "offset 8: 1048577 tensors, at most 1048576 are allowed");
    CHECK(counts(0, 65537) == "offset 16: 65537 entries of metadata, at most 65536 are allowed");
    CHECK(counts(INT64_MAX, 0) ==
          "offset 8: 9223372036854775807 tensors, at most 1048576 are allowed");
    CHECK(counts(0, 0) == "");
}

TEST_CASE("an entry of metadata that breaks a rule is refused by that rule") {
    CHECK(entry_complaint(gguf_entry("", 0, "\1") + zero8) == "offset 24: an empty key");
    CHECK(entry_complaint(gguf_entry(std::string(65535, 'k'), 0, "\1")) == "");
    CHECK(entry_complaint(gguf_entry(std::string(65536, 'k'), 0, "\1")) ==
          "offset 24: a key of 65536 bytes, at most 65535 are allowed");
    CHECK(complaint(gguf_file({}, {gguf_entry("k", 0, "\1"), gguf_entry("k", 5, bytes_of(3))})) ==
          "offset 38: duplicate key \"k\"");
    CHECK(entry_complaint(gguf_entry("k", 13, zero8)) ==
          "offset 33: key \"k\": there is no type 13; 0 to 12 are defined");
    CHECK(entry_complaint(gguf_entry("k", 0xFFFFFFFF, zero8)) ==
          "offset 33: key \"k\": there is no type 4294967295; 0 to 12 are defined");
    CHECK(entry_complaint(gguf_entry("k", 7, "\2")) ==
          "offset 37: key \"k\": a bool is 0 or 1, not 2");
    CHECK(entry_complaint(gguf_entry("k", 9, gguf_array(7, 2, "\1\3"))) ==
          "offset 50: key \"k\": a bool is 0 or 1, not 3");
    CHECK(entry_complaint(gguf_entry("k", 9, gguf_array(9, 1, gguf_array(0, 1, "x")))) ==
          "offset 37: key \"k\": an array of arrays");
    CHECK(entry_complaint(gguf_entry("k", 9, gguf_array(13, 1, zero8))) ==
          "offset 37: key \"k\": there is no type 13; 0 to 12 are defined");
    // Lengths that are larger than what is left, or than what is allowed.
    CHECK(entry_complaint(gguf_entry("k", 9, gguf_array(0, (1U << 30) + 1, ""))) ==
          "offset 37: key \"k\": an array of 1073741825 elements, at most 1073741824 are allowed");
    CHECK(contains(entry_complaint(gguf_entry("k", 9, gguf_array(0, UINT64_MAX, ""))),
                   "an array of 18446744073709551615 elements, at most"));
    CHECK(entry_complaint(gguf_entry("k", 9, gguf_array(12, 6, zero8 + zero8))) ==
          "offset 37: key \"k\": an array of 6 elements does not fit into the 47 bytes that "
          "follow: was the file cut short?");
    CHECK(contains(entry_complaint(gguf_entry("k", 9, gguf_array(8, 1000, zero8))),
                   "an array of 1000 elements does not fit into"));
    CHECK(contains(entry_complaint(gguf_entry("k", 9, gguf_array(7, 1U << 30, zero8))),
                   "an array of 1073741824 elements does not fit into"));
    CHECK(entry_complaint(gguf_entry("k", 8, bytes_of((std::uint64_t{1} << 30) + 1))) ==
          "offset 37: a string of 1073741825 bytes, at most 1073741824 are allowed");
    CHECK(entry_complaint(gguf_entry("k", 8, bytes_of(std::uint64_t{1} << 30))) ==
          "offset 45: a string needs 1073741824 bytes, but the file ends after 19: was it cut "
          "short?");
    CHECK(contains(entry_complaint(bytes_of(std::uint64_t{100}) + "kkkkkkkk"),
                   "a key needs 100 bytes, but the file ends after"));
    // A name from the file can break neither the line nor the terminal.
    const std::string evil = entry_complaint(
        gguf_entry("\x1B[31m\n\xFF" + std::string("\0", 1) + std::string(999, 'z'), 99, zero8));
    CHECK(contains(evil, "key \"\\u001b[31m\\n\\ufffd\\u0000zzz"));
    CHECK(evil.size() < 200);
}

TEST_CASE("the alignment is a power of two, and moves the data") {
    const auto aligned = [](std::uint32_t type, const std::string& value, std::size_t alignment) {
        return gguf_file({gguf_tensor("w", {1}, 0, 0), gguf_tensor("v", {1}, 0, alignment)},
                         {gguf_entry("general.alignment", type, value)},
                         std::string(alignment + 4, '\0'), 3, alignment);
    };
    for (const std::uint32_t alignment : {1, 4, 8, 64, 4096}) {
        if (alignment < 4) continue;  // v would overlap w
        const std::string bytes = aligned(4, bytes_of(alignment), alignment);
        const GgufHeader header = header_of(bytes);
        CHECK(header.tensors[1].end == bytes.size());
        CHECK(header.tensors[1].begin % alignment == 0);
    }
    for (const std::uint32_t alignment : {0, 3, 24, 4095})
        CHECK(
            contains(complaint(aligned(4, bytes_of(alignment), 32)),
                     "general.alignment is " + std::to_string(alignment) + ", not a power of two"));
    CHECK(contains(complaint(aligned(10, bytes_of(std::uint64_t{32}), 32)),
                   "general.alignment is not a u32"));
    CHECK(contains(complaint(aligned(8, gguf_string("32"), 32)), "general.alignment is not a u32"));
    // As large as it can be: the data begins after the end of the file.
    CHECK(contains(complaint(aligned(4, bytes_of(1U << 31), 32)),
                   "of the data, which begins at 2147483648, the file has 0"));
}

TEST_CASE("a tensor that breaks a rule is refused by that rule") {
    CHECK(tensor_complaint(gguf_tensor("w", {4, 4}, 0, 0)) == "");
    CHECK(tensor_complaint(gguf_tensor(std::string(63, 'n'), {4, 4}, 0, 0)) == "");
    CHECK(contains(tensor_complaint(gguf_tensor(std::string(64, 'n'), {4, 4}, 0, 0)),
                   "a name of 64 bytes, at most 63 are allowed"));
    CHECK(tensor_complaint(gguf_tensor("w", {1, 1, 1, 1}, 0, 0)) == "");
    CHECK(tensor_complaint(gguf_tensor("w", {1, 1, 1, 1, 1}, 0, 0)) ==
          "offset 24: tensor \"w\": 5 axes, at most 4 are allowed");
    CHECK(tensor_complaint(gguf_tensor("w", {4, -1}, 0, 0)) ==
          "offset 24: tensor \"w\": a negative size, -1");
    CHECK(tensor_complaint(gguf_tensor("w", {4, INT64_MIN}, 0, 0)) ==
          "offset 24: tensor \"w\": a negative size, -9223372036854775808");
    for (const std::uint32_t type : {4, 5, 31, 32, 33, 36, 37, 38, 40, 1000})
        CHECK(tensor_complaint(gguf_tensor("w", {4}, type, 0)) ==
              "offset 24: tensor \"w\": there is no type " + std::to_string(type) +
                  " that this reader knows");
    CHECK(tensor_complaint(gguf_tensor("w", {33, 32}, 2, 0)) ==
          "offset 24: tensor \"w\": rows of 33 elements are not whole blocks of 32, as Q4_0 needs "
          "them");
    CHECK(tensor_complaint(gguf_tensor("w", {}, 8, 0)) ==
          "offset 24: tensor \"w\": rows of 1 elements are not whole blocks of 32, as Q8_0 needs "
          "them");
    CHECK(
        contains(tensor_complaint(gguf_tensor("w", {255}, 14, 0)), "whole blocks of 256, as Q6_K"));
    // Products that overflow: of elements, of bytes, and the end.
    const std::int64_t half = std::int64_t{1} << 32;
    CHECK(tensor_complaint(gguf_tensor("w", {half, half}, 0, 0)) ==
          "offset 24: tensor \"w\": shape (4294967296, 4294967296) is too large");
    CHECK(contains(tensor_complaint(gguf_tensor("w", {half, half / 8}, 0, 0)), "is too large"));
    CHECK(contains(tensor_complaint(gguf_tensor("w", {0, half, half}, 0, 0)), "is too large"));
    CHECK(
        contains(tensor_complaint(gguf_tensor("w", {INT64_MAX}, 24, UINT64_MAX)), "is too large"));
    CHECK(contains(tensor_complaint(gguf_tensor("w", {INT64_MAX}, 24, 0)), "it is cut short"));
    CHECK(complaint(gguf_file({gguf_tensor("w", {4}, 0, 0), gguf_tensor("w", {4}, 0, 32)}, {},
                              std::string(64, '\0'))) == "offset 57: duplicate tensor \"w\"");
}

TEST_CASE("the data follows in the order of the tensors, padded, and all of it is there") {
    const auto two = [](std::uint64_t first, std::uint64_t second, std::size_t size) {
        return complaint(
            gguf_file({gguf_tensor("a", {4}, 0, first), gguf_tensor("b", {2, 2}, 0, second)}, {},
                      std::string(size, '\0')));
    };
    CHECK(two(0, 32, 48) == "");
    CHECK(two(0, 32, 64) == "");    // with padding
    CHECK(two(0, 32, 1000) == "");  // the reference allows more after it
    CHECK(two(0, 32, 47) ==
          "offset 98: tensor \"b\" of type F32 and shape (2, 2) at 32: needs 48 "
          "bytes, but of the data, which begins at 128, the file has 47: it is "
          "cut short");
    CHECK(two(0, 16, 64) ==
          "offset 98: tensor \"b\" of type F32 and shape (2, 2) at 16: must begin "
          "at 32, the end of the tensor before it, rounded up to a multiple of "
          "32");
    CHECK(contains(two(0, 64, 96), "must begin at 32"));  // a hole
    CHECK(contains(two(32, 0, 96), "must begin at 0"));   // in another order
    CHECK(contains(two(UINT64_MAX, 0, 96), "is too large"));
}

TEST_CASE("every type of ggml has the size of its blocks") {
    int known = 0;
    for (std::uint32_t number = 0; number < 200; ++number) {
        const GgmlType* type = ggml_type(number);
        if (!type) continue;
        ++known;
        CAPTURE(type->name);
        CHECK(type->number == number);
        CHECK(complaint(gguf_file({gguf_tensor("w", {type->block, 3}, number, 0)}, {},
                                  std::string(static_cast<std::size_t>(3 * type->bytes), '\1'))) ==
              "");
        CHECK(complaint(gguf_file(
                  {gguf_tensor("w", {type->block, 3}, number, 0)}, {},
                  std::string(static_cast<std::size_t>(3 * type->bytes - 1), '\1'))) != "");
    }
    CHECK(known == 32);
}

TEST_CASE("every truncation of a header, and 2000 damaged ones, are refused or read") {
    // The address and undefined-behaviour sanitizers would show here if a size were trusted.
    const std::string valid = valid_file();
    REQUIRE(complaint(valid) == "");
    for (std::size_t size = 0; size < valid.size(); ++size)
        CHECK(complaint(valid.substr(0, size)) != "");
    Random random(20240614, Stream::user);
    int refused = 0;
    constexpr int kRounds = kSanitized ? 500 : 2000;
    for (int round = 0; round < kRounds; ++round) {
        std::string bytes = valid;
        for (std::uint64_t edits = round % 2 ? 1 : 1 + random.below(5); edits > 0; --edits) {
            const std::size_t at = random.below(valid.size() - 400);
            bytes[at] = static_cast<char>(random.below(3) ? random.below(256) : 0xFF);
        }
        refused += complaint(bytes) != "";
    }
    CHECK(refused > kRounds / 3);
    CHECK(refused < kRounds);
}
