// SPDX-License-Identifier: MIT
// A .jsonl file, object by object and as documents.
#include "nn/files/datasets/jsonl.h"

#include <nlohmann/json.hpp>

#include "nn/files/datasets/text_pieces.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static const fuzz::Reader jsonl_reader(
    "jsonl",
    [](std::string_view bytes) {
        const std::string path = fuzz::file("documents.jsonl", bytes);
        JsonLines lines(path);
        Index objects = 0;
        for (nlohmann::json object; lines.next(object); ++objects)
            fuzz::check(object.is_object() && lines.line() > objects, "an object");
        TextPieces pieces(path, TextFile::Kind::utf8);
        for (; !pieces.next().empty(); --objects) {
        }
        fuzz::check(objects == 0, "a document for each object");
    },
    {"{\"text\": \"a\"}\n\n{\"n\":[1,{}],\"text\":\"\\u732b\\n\"}", "{\"text\":1e5}", "[1]"});
