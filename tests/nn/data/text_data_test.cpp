// SPDX-License-Identifier: MIT
#include "nn/data/text_data.h"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"

using namespace gradus;

TEST_CASE("a text, its gzip file and its documents as .jsonl give the same tokens and batches") {
    const TemporaryFolder folder(memory_folder());
    std::string text, lines;
    for (int i = 0; i < 300; ++i) {
        const std::string document = "the \"cat\" 猫 " + std::to_string(i * i);
        text += document + "\n";
        lines += nlohmann::json({{"text", document}}).dump() + "\n";
    }
    const std::string plain = folder.file("a.txt"), packed = folder.file("a.txt.gz"),
                      documents = folder.file("a.jsonl"), both = folder.file("a.jsonl.gz");
    write_file(plain, text);
    write_file(packed, gzip(text));
    write_file(documents, lines);
    write_file(both, gzip(lines));
    using Kind = Tokenizer::Kind;
    for (const Kind kind : {Kind::characters, Kind::bytes, Kind::bpe}) {
        CAPTURE(static_cast<int>(kind));
        TextData expected(plain, {kind, 20}, 1);
        for (const std::string& path : {packed, documents, both}) {
            CAPTURE(path);
            TextData data(path, {kind, 20}, 1), again(expected.tokenizer(), path, 1);
            CHECK(data.tokenizer() == expected.tokenizer());
            CHECK(data.held_out() == expected.held_out());
            CHECK(data.batch(3, 2, 8).inputs.id == expected.batch(3, 2, 8).inputs.id);
            CHECK(again.batch(3, 2, 8).inputs.id == expected.batch(3, 2, 8).inputs.id);
        }
    }
    write_file(documents, lines + "{\"content\": 1}\n");
    CHECK(file_error([&] {
              TextData(documents, {Kind::characters, 0}, 1);
          }) == documents + ": line 301: no field \"text\"; it has \"content\"");
}
