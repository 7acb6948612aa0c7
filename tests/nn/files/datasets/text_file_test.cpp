// SPDX-License-Identifier: MIT
#include "nn/files/datasets/text_file.h"

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <functional>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tensor/error.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;
namespace fs = std::filesystem;

TEST_CASE("a gzip file unpacks to a text of a certain size at most") {
    const TemporaryFolder folder;
    const std::string path = folder.file("text"), text(3'000'000, 'x');
    write_file(path, gzip(text));
    CHECK(read_text_file(path, 3'000'000) == text);
    CHECK(file_error([&] { read_text_file(path, 2'999'999); }) ==
          path +
              ": a text that unpacks to more than 2999999 bytes (unpack it with gunzip, and take "
              "a part of it)");
    write_file(path, text);
    CHECK(read_text_file(path, 1) == text);  // it is as large as its file
}

TEST_CASE("a text file must be UTF-8, and what is not is reported with its position") {
    const TemporaryFolder folder;
    const std::string path = folder.file("text");
    const auto complaint = [&](const std::string& contents) {
        write_file(path, contents);
        const std::string message = file_error([&] { read_text_file(path); });
        return message.substr(std::min(message.size(), path.size() + 2));
    };
    write_file(path, "\xEF\xBB\xBF成语\n");
    CHECK(read_text_file(path) == "成语\n");
    CHECK(complaint("plain") == "");
    CHECK(complaint("") == "the file is empty");
    CHECK(complaint("\xEF\xBB\xBF") == "the file is empty but for a byte order mark");
    CHECK(complaint("one\ncaf\xE9\n") ==
          "not UTF-8: byte 0xE9 at offset 7 (line 2, column 4) (convert "
          "it with iconv -t UTF-8)");
    CHECK(complaint(std::string("ab\0c", 4)) ==
          "a binary file, not text: byte 0x00 at offset 2 (the tokenizer bytes takes any file)");
    CHECK(complaint("\x1F\x8B\x08") == "offset 3: the packed data are cut short");
    CHECK(complaint(gzip(gzip("text"))) == "compressed by gzip twice (unpack it with gunzip)");
    CHECK(complaint(gzip("")) == "there is nothing in the file");
    CHECK(complaint(gzip("one\ncaf\xE9\n")) ==
          "not UTF-8: byte 0xE9 at offset 7 (line 2, column 4) (convert it with iconv -t UTF-8)");
    CHECK(complaint("PK\x03\x04") == "a zip archive, not text (unpack it with unzip)");
    CHECK(complaint(std::string("\xFF\xFE"
                                "a\0",
                                4)) ==
          "text in UTF-16, not UTF-8 (convert it with iconv -f UTF-16 -t UTF-8)");
    const auto other = [&](std::string_view begin, const std::string& name) {
        CAPTURE(begin);
        CHECK(complaint(std::string(begin)) ==
              "text in " + name + ", not UTF-8 (convert it with iconv -f " + name + " -t UTF-8)");
    };
    other({"\xFE\xFF\0a", 4}, "UTF-16");
    other({"a\0b\0", 4}, "UTF-16");
    other({"\0a\0b", 4}, "UTF-16");
    other({"\xFF\xFE\0\0a\0\0\0", 8}, "UTF-32");
    other({"\0\0\xFE\xFF\0\0\0a", 8}, "UTF-32");
    other({"a\0\0\0b\0\0\0", 8}, "UTF-32");
    other({"\0\0\0a\0\0\0b", 8}, "UTF-32");
    CHECK(file_error([&] { read_text_file(folder.file("none")); }).find("no such file") !=
          std::string::npos);
}

TEST_CASE("a text is read in pieces of whole characters, twice the same") {
    const TemporaryFolder folder;
    const std::string path = folder.file("long");
    std::string text = "a";  // so that three-byte characters straddle the ends of the pieces
    while (text.size() < 3'500'000) text += "成语接龙\n";
    const auto read_twice = [&](TextFile::Kind kind) {
        TextFile file(path, kind);
        for (int round = 0; round < 2; ++round) {
            std::string all;
            int pieces = 0;
            for (std::string_view piece; !(piece = file.next()).empty(); ++pieces) {
                CHECK(piece.size() <= 1 << 20);
                all += piece;
            }
            CHECK(pieces == 4);
            CHECK(all == text);
            CHECK(file.next().empty());
            file.rewind();
        }
    };
    write_file(path, text);
    read_twice(TextFile::Kind::utf8);
    write_file(path, gzip(text));
    read_twice(TextFile::Kind::utf8);
    read_twice(TextFile::Kind::bytes);
    // A fault far inside has the position that an editor shows.
    text.insert(3'000'001, "x\xFFy");  // 1 + 13 n + 3: after the first character of a line
    write_file(path, text);
    CHECK(file_error([&] { read_text_file(path); }) ==
          path +
              ": not UTF-8: byte 0xFF at offset 3000002 (line 230770, column 3) (convert it with "
              "iconv -t UTF-8)");
    // The last character is cut short.
    for (const std::string& end : {text.substr(0, 1 << 20), text.substr(0, (1 << 20) - 2)}) {
        write_file(path, end + "\xE6\x88");
        CHECK(file_error([&] { read_text_file(path); }).find("byte 0xE6") != std::string::npos);
        write_file(path, gzip(end + "\xE6\x88"));
        CHECK(file_error([&] { read_text_file(path); }).find("byte 0xE6") != std::string::npos);
    }
    write_file(path, std::string("\0\xFF", 2) + text);
    TextFile bytes(path, TextFile::Kind::bytes);
    CHECK(bytes.next().substr(0, 3) == std::string_view("\0\xFF"
                                                        "a",
                                                        3));
}

TEST_CASE("what would never end is refused at once, as text and as bytes") {
    const TemporaryFolder folder;
    const std::string pipe = folder.file("pipe"), sparse = folder.file("sparse"),
                      loop = folder.file("loop");
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    write_file(sparse, "text");
    REQUIRE(::truncate(sparse.c_str(), off_t{1} << 40) == 0);
    fs::create_symlink("loop", loop);
    const auto start = std::chrono::steady_clock::now();
    for (const auto kind : {TextFile::Kind::utf8, TextFile::Kind::bytes}) {
        const auto refusal = [&](const std::string& path) {
            return file_error([&] { TextFile(path, kind).next(); });
        };
        CHECK(refusal(pipe) == pipe +
                                   ": not a file but a device or a pipe, which need not end (save "
                                   "its output to a file)");
        CHECK(refusal("/dev/zero").find("/dev/zero: not a file but a device") == 0);
        CHECK(refusal(sparse).find(": a sparse file: from offset ") != std::string::npos);
        CHECK(refusal(loop).find("symbolic links") != std::string::npos);
        CHECK(refusal(folder.path()).find("it is a folder") != std::string::npos);
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
}
