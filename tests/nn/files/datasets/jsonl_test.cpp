// SPDX-License-Identifier: MIT
#include "nn/files/datasets/jsonl.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/datasets/text_pieces.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/damage.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

namespace {

std::vector<std::string> texts(const std::string& path) {
    std::vector<std::string> list;
    JsonLines lines(path);
    for (std::string text; lines.next_text(text);) list.push_back(text);
    return list;
}

struct Jsonl {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("documents.jsonl");

    std::string complaint(const std::string& contents) {
        write_file(path, contents);
        const std::string message = file_error([&] { texts(path); });
        return message.substr(std::min(message.size(), path.size() + 2));
    }
};

}  // namespace

TEST_CASE("each line is an object, and blank lines are skipped") {
    Jsonl file;
    write_file(file.path,
               "\xEF\xBB\xBF{\"text\": \"one\", \"label\": 1}\r\n\n  \n"
               "{\"label\":2,\"text\":\"t\\u00e9\\ntwo\"}");
    JsonLines lines(file.path);
    for (int round = 0; round < 2; ++round) {
        nlohmann::json object;
        REQUIRE(lines.next(object));
        CHECK(object["label"] == 1);
        CHECK(lines.line() == 1);
        REQUIRE(lines.next(object));
        CHECK(object["text"] == "té\ntwo");
        CHECK(lines.line() == 4);
        CHECK(!lines.next(object));
        lines.rewind();
    }
    CHECK(texts(file.path) == std::vector<std::string>{"one", "té\ntwo"});
    write_file(file.path, gzip("{\"text\":\"\"}\n"));
    CHECK(texts(file.path) == std::vector<std::string>{""});
    std::string other;
    write_file(file.path, "{\"content\":\"c\"}");
    CHECK(JsonLines(file.path).next_text(other, "content"));
    CHECK(other == "c");
}

TEST_CASE("lines longer than a piece of the file come whole") {
    Jsonl file;
    std::string contents;
    std::vector<std::string> expected;
    for (const std::size_t size : {1'500'000, 1, 1'048'565, 0, 700'000}) {
        expected.emplace_back(size, 'x');
        contents += "{\"text\":\"" + expected.back() + "\"}\n";
    }
    write_file(file.path, contents);
    CHECK(texts(file.path) == expected);
}

TEST_CASE("what is not a line of JSON with a text is refused, naming the line (1200 files)") {
    Jsonl file;
    const std::string good = "{\"text\":\"a\"}\n";
    CHECK(file.complaint(good + "{\n\"text\": 1}\n") ==
          "line 2: not JSON from column 2 on (each line must be an object of its own)");
    CHECK(file.complaint("{\"猫\" 1}") ==
          "line 1: not JSON from column 6 on (each line must be an object of its own)");
    CHECK(file.complaint(good + "[1]") == "line 2: array, must be an object: {\"text\": ...}");
    CHECK(file.complaint(good + "\n{\"a\":1,\"b\\n\":2}") ==
          "line 3: no field \"text\"; it has \"a\", \"b\\n\"");
    CHECK(file.complaint("{}") == "line 1: no field \"text\"");
    CHECK(file.complaint("{\"text\":null}") == "line 1: field \"text\" is null, must be a string");
    CHECK(file.complaint("{\"text\":1e999}") == "line 1: a number that is too large");
    CHECK(file.complaint(good + std::string(1'000'000, '[')) ==
          "line 2: brackets more than 100 levels deep");
    CHECK(file.complaint(good + "{\"text\":\"" + std::string(kMostJsonLine, 'x') + "\"}") ==
          "line 2: more than 16777216 bytes (each line must be an object of its own)");
    CHECK(file.complaint("{\"text\":\"\\ud800\"}").find("line 1: not JSON from column ") == 0);
    const std::string valid = "{\"text\": \"a \\\"b\\\" c\", \"n\": [1, {\"m\": null}]}\n" + good;
    CHECK(refused_damage(valid, [&](const std::string& contents) {
              write_file(file.path, contents);
              texts(file.path);
          }) > 600);
}

TEST_CASE("a .jsonl file gives its documents as one text, any other file what it is") {
    Jsonl file;
    const auto text_of = [](const std::string& path) {
        TextPieces pieces(path, TextFile::Kind::utf8);
        std::string first, second;
        for (std::string_view piece; !(piece = pieces.next()).empty();) first += piece;
        pieces.rewind();
        for (std::string_view piece; !(piece = pieces.next()).empty();) second += piece;
        CHECK(first == second);
        return first;
    };
    const std::string contents = "{\"text\":\"one\"}\n{\"text\":\"\"}\n{\"text\":\"two\\n\"}\n";
    write_file(file.path, contents);
    CHECK(text_of(file.path) == "one\n\ntwo\n\n");
    const std::string packed = file.folder.file("x.jsonl.gz"), plain = file.folder.file("x.txt");
    write_file(packed, gzip(contents));
    CHECK(text_of(packed) == "one\n\ntwo\n\n");
    write_file(plain, gzip(contents));
    CHECK(text_of(plain) == contents);
    write_file(file.path, "\n\n");
    CHECK(file_error([&] { text_of(file.path); }) ==
          file.path + ": there is no document in the file");
}

TEST_CASE("a line of many small objects takes no longer than its length (0.1 s)") {
    const TemporaryFolder folder;
    std::string line = "{\"text\":\"a\",\"x\":[{}";
    for (int i = 0; i < 200'000; ++i) line += ",{}";
    write_file(folder.file("l.jsonl"), line + "]}\n");
    JsonLines file(folder.file("l.jsonl"));
    std::string text;
    CHECK(file.next_text(text, "text"));
    CHECK(text == "a");
}
