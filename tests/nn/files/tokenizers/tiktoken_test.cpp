// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/tiktoken.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "nn/files/atomic_file.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Ids = std::vector<int>;

// RFC 4648, section 4, one bit at a time.
std::string base64(std::string_view bytes) {
    std::string text;
    for (std::size_t bit = 0; bit < 8 * bytes.size(); bit += 6) {
        int digit = 0;
        for (std::size_t i = bit; i < bit + 6; ++i)
            digit = 2 * digit + (i / 8 < bytes.size() ? bytes[i / 8] >> (7 - i % 8) & 1 : 0);
        text += "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[digit];
    }
    while (text.size() % 4) text += '=';
    return text;
}

// The bytes, the last first, then these tokens.
std::string rank_file(const std::vector<std::string>& tokens) {
    std::string file;
    int rank = 0;
    for (int byte = 255; byte >= 0; --byte)
        file += fmt::format("{} {}\n", base64(std::string(1, static_cast<char>(byte))), rank++);
    for (const std::string& token : tokens) file += fmt::format("{} {}\n", base64(token), rank++);
    return file;
}

}  // namespace

TEST_CASE("a rank file says in what order neighbours merge, and its name how text is split") {
    const TemporaryFolder folder{memory_folder()};
    const std::string path = folder.file("cl100k_base.tiktoken");
    write_file(path, rank_file({"aa", "ab", "aab", "(a", "\xFF\xFE"}));
    const Bpe bpe = load_tiktoken(path);
    CHECK(bpe.size() == 100277);
    CHECK(bpe.split() == Split::cl100k);
    CHECK(bpe.encode("aab(a") == Ids{258, 259});
    CHECK(bpe.token(260) == "\xFF\xFE");
    CHECK(bpe.special("<|fim_middle|>") == 100259);
    CHECK(bpe.special("<|endofprompt|>") == 100276);
    CHECK(bpe.is_special(100256));  // between the ids
    CHECK(bpe.decode({100257, 258, 100270}) == "aab");
    CHECK(load_tiktoken(path, "r50k_base").split() == Split::gpt2);
    CHECK(load_tiktoken(path, "p50k_base").size() == 50257);
}

TEST_CASE("each fault of a rank file is named with its line") {
    const TemporaryFolder folder{memory_folder()};
    const std::string path = folder.file("r50k_base.tiktoken");
    const auto refusal = [&](const std::string& more) {
        write_file(path, rank_file({}) + more);
        const std::string error = file_error([&] { load_tiktoken(path); });
        return error.substr(std::min(error.size(), path.size() + 2));
    };
    CHECK(refusal("") == "");
    CHECK(refusal("\r\n\nYWI= 256\r\n") == "");
    for (const char* line : {"YWI=", "YWI= ", "YWI 256", "YW*= 256", "YWI= x", "YWI= 4194304",
                             "YWI= -1", "YWI= 256 ", "=== 256", "==== 256", " 256", "YW=I 256"})
        CHECK(refusal(line) ==
              fmt::format("line 257: \"{}\" is not base64, a space and a rank from "
                          "0 to 4194303",
                          line));
    CHECK(refusal("YWI= 7\n") == "tokens \"\\xF8\" and \"ab\" have the same rank 7");
    CHECK(refusal("YWI= 50256\n") ==
          "tokens \"ab\" and \"<|endoftext|>\" have the same rank 50256");
    CHECK(refusal("YWI= 256\nYWI= 257\n").find("are both \"ab\"") != std::string::npos);
    CHECK(refusal("YWI= 4000000\n") ==
          "131329 tokens, but the largest id is 4000000: too many are missing");
    write_file(path, "");
    CHECK(file_error([&] { load_tiktoken(path); }) == path + ": bpe: byte 0 is not a token");
    CHECK(
        file_error([&] { load_tiktoken(path, "o200k_base"); }) ==
        path +
            ": the encoding \"o200k_base\" is not known, so neither is how it splits text (known: "
            "r50k_base, p50k_base, cl100k_base)");
}

TEST_CASE("a damaged rank file is read or refused, at every length and with any byte (0.5 s)") {
    const TemporaryFolder folder{memory_folder()};
    const std::string path = folder.file("r50k_base.tiktoken"), whole = rank_file({"ab", "abc"});
    Random random(1, Stream::user);
    for (int round = 0; round < 1200; round += kSanitized ? 5 : 1) {
        std::string text = whole;
        if (round < 200)
            text.resize(random.below(text.size()));
        else
            text[random.below(text.size())] = static_cast<char>(random.below(256));
        write_file(path, text);
        file_error([&] { load_tiktoken(path).encode("abc"); });
    }
}

TEST_CASE("cl100k_base gives tiktoken's ids") {
    const char* data = std::getenv("GRADUS_DATA");
    const std::string path = std::string(data ? data : "") + "/tiktoken/cl100k_base.tiktoken";
    if (!data || !*data || std::ifstream(path).fail()) {
        MESSAGE("GRADUS_DATA has no tiktoken/cl100k_base.tiktoken");
        return;
    }
    const Bpe bpe = load_tiktoken(path);
    const std::pair<const char*, Ids> known[] = {
        // test_encoding.py of tiktoken
        {"hello world", {15339, 1917}}, {"rer", {38149}},
        {"'rer", {2351, 81}},           {"today\n ", {31213, 198, 220}},
        {"today\n \n", {31213, 27907}}, {"today\n  \n", {31213, 14211}},
        {"👍", {9468, 239, 235}},
    };
    for (const auto& example : known) {
        const auto& [text, ids] = example;
        CAPTURE(example.first);
        CHECK(bpe.encode(text) == ids);
        CHECK(bpe.decode(ids) == text);
    }
    int other = 0;  // a word that is a token is that token
    for (int id = 0; id < 100256; ++id) {
        Ids ids;
        bpe.encode_word(bpe.token(id), ids);
        other += ids != Ids{id};
    }
    CHECK(other == 0);
}
