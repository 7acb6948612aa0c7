// SPDX-License-Identifier: MIT
#include "nn/files/datasets/token_shards.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
using namespace std::string_literals;

namespace {

constexpr Index kGpt2 = 50257, kLlama3 = 128256;

// As llm.c's write_datafile() lays them out: the header, then numpy's tobytes().
std::string shard(const std::string& header, const std::string& tokens) {
    return header + std::string(1024 - header.size(), '\0') + tokens;
}
const std::string kGpt2Shard =
    shard("\x88\xD8\x34\x01\x01\0\0\0\x03\0\0\0"s, "\x50\xC4\x01\0\xFF\x7F"s);
const std::string kLlama3Shard =
    shard("\xA1\xD9\x34\x01\x07\0\0\0\x02\0\0\0"s, "\0\xF4\x01\0\x05\0\0\0"s);

std::vector<int> ids(const TokenText& tokens) {
    return tokens.list(0, tokens.size());
}

struct Shards {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("tokens.bin");

    std::string written(const std::string& bytes) {
        write_file(path, bytes);
        return path;
    }
    std::string complaint(const std::string& bytes, Index vocabulary = kGpt2) {
        return without_path(file_error([&] { read_token_shard(written(bytes), vocabulary); }));
    }
    std::string raw_complaint(const std::string& bytes, Index vocabulary = kGpt2) {
        return without_path(file_error([&] { read_raw_tokens(written(bytes), vocabulary); }));
    }
    std::string without_path(const std::string& message) const {
        return message.substr(std::min(message.size(), path.size() + 2));
    }
};

}  // namespace

TEST_CASE("shards of llm.c are read and written, in 16 and in 32 bits") {
    Shards files;
    const TokenText gpt2 = read_token_shard(files.written(kGpt2Shard), kGpt2);
    CHECK(ids(gpt2) == std::vector<int>{50256, 1, 32767});
    write_token_shard(files.path, gpt2, TokenShard::gpt2);
    CHECK(read_file(files.path) == kGpt2Shard);
    const TokenText llama3 = read_token_shard(files.written(kLlama3Shard), kLlama3);
    CHECK(ids(llama3) == std::vector<int>{128000, 5});
    write_token_shard(files.path, llama3, TokenShard::llama3);
    CHECK(read_file(files.path) == kLlama3Shard);
    CHECK(ids(read_token_shard(files.written(gzip(kGpt2Shard)), kGpt2)) == ids(gpt2));
    CHECK(read_token_shard(files.written(shard("\x88\xD8\x34\x01\x01"s, "")), kGpt2).size() == 0);

    // More than one piece of either loop.
    std::vector<int> many;
    for (int i = 0; i < 200'001; ++i) many.push_back(i % 50257);
    for (const TokenShard kind : {TokenShard::gpt2, TokenShard::llama3}) {
        write_token_shard(files.path, many, kind);
        CHECK(ids(read_token_shard(files.path, kGpt2)) == many);
    }
    const std::string before = read_file(files.path);
    CHECK_THROWS_WITH(
        write_token_shard(files.path, std::vector<int>{65535, 65536}, TokenShard::gpt2),
        "token shard: token 65536 does not fit into the 16 bits of a GPT-2 shard");
    CHECK(read_file(files.path) == before);
}

TEST_CASE("nanoGPT's files are tokens and nothing else") {
    Shards files;
    CHECK(ids(read_raw_tokens(files.written("\x50\xC4\0\0\x0A\0"s), kGpt2)) ==
          std::vector<int>{50256, 0, 10});
    CHECK(read_raw_tokens(files.written(""), 65).size() == 0);
    CHECK(files.raw_complaint("\x41\0\0"s) == "3 bytes are not a whole number of 16-bit tokens");
    CHECK(files.raw_complaint("\x40\0\x41\0"s, 65) ==
          "offset 2: token 65 is not in a vocabulary of 65");
    CHECK(files.raw_complaint(kGpt2Shard) ==
          "a token shard of llm.c, not raw tokens: it has a header");
    CHECK_THROWS_WITH(read_raw_tokens(files.written(""), 0),
                      "token shard: a vocabulary of 0 tokens, must be from 1 to 2147483647");
}

TEST_CASE("shards that are damaged, or of another tokenizer, are refused") {
    Shards files;
    const auto changed = [](const std::string& bytes, std::size_t at, const std::string& by) {
        return std::string(bytes).replace(at, by.size(), by);
    };
    CHECK(files.complaint("") == "offset 0: 0 bytes, but the header of a token shard has 1024");
    CHECK(files.complaint(changed(kGpt2Shard, 0, "\x8A")) ==
          "offset 0: magic number 20240522, must be 20240520 or 20240801 (tokens without a header "
          "are read as raw tokens)");
    CHECK(files.complaint(changed(kGpt2Shard, 4, "\x02")) == "offset 4: version 2, must be 1");
    CHECK(files.complaint(changed(kLlama3Shard, 4, "\x01")) == "offset 4: version 1, must be 7");
    CHECK(files.complaint(kGpt2Shard + "x") ==
          "offset 8: 3 tokens take 6 bytes, but 7 follow the header; there are too many");
    CHECK(files.complaint(changed(kLlama3Shard, 8, "\xFF\xFF\xFF\x7F"), kLlama3) ==
          "offset 8: 2147483647 tokens take 8589934588 bytes, but 8 follow the header; the file is "
          "cut short");
    CHECK(files.complaint(changed(kGpt2Shard, 8, "\xFF\xFF\xFF\xFF")) ==
          "offset 8: 4294967295 tokens, must be less than 2^31");
    CHECK(files.complaint(kGpt2Shard, 32768) ==
          "offset 1024: token 50256 is not in a vocabulary of 32768");
    CHECK(files.complaint(changed(kLlama3Shard, 1028, "\xFF\xFF\xFF\xFF"), kLlama3) ==
          "offset 1028: token 4294967295 is not in a vocabulary of 128256");
    CHECK(refused_damage(kGpt2Shard, [&](const std::string& bytes) {
              read_token_shard(files.written(bytes), kGpt2);
          }) >= 200);
}

TEST_CASE("tokens that are cut while they are read are refused, not read as zeros") {
    const std::vector<int> ids(100'000, 7);
    const TemporaryFolder folder;
    write_token_shard(folder.file("shard"), ids, TokenShard::gpt2);
    const std::string shard = read_file(folder.file("shard"));
    const auto right = [&](const TokenText& tokens) { return tokens.list(0, 1 << 20) == ids; };
    CHECK(wrong_when_cut(shard, [&](const std::string& path) {
              return right(read_token_shard(path, 50'000));
          }) == 0);
    CHECK(wrong_when_cut(shard.substr(1024), [&](const std::string& path) {
              return right(read_raw_tokens(path, 50'000));
          }) == 0);
}
