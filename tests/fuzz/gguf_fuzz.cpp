// SPDX-License-Identifier: MIT
// A GGUF file: the header, its metadata, and every tensor that it names.
#include "nn/files/weights/gguf.h"
#include "tests/fuzz/fuzz.h"
#include "tests/nn/files/weights/gguf_bytes.h"

using namespace gradus;

static std::string with_everything() {
    const std::string words = gguf_string("x") + gguf_string(""), floats(8, '\0');
    return gguf_file(
        {gguf_tensor("w", {3, 2}, 0, 0), gguf_tensor("q4", {32, 1}, 2, 32),
         gguf_tensor("q8", {32}, 8, 64), gguf_tensor("k", {256}, 12, 128)},
        {gguf_entry("general.architecture", 8, gguf_string("llama")),
         gguf_entry("general.alignment", 4, bytes_of(32U)), gguf_entry("a", 7, "\1"),
         gguf_entry("b", 9, gguf_array(8, 2, words)), gguf_entry("c", 9, gguf_array(6, 2, floats))},
        std::string(272, '\1'));
}

static const fuzz::Reader gguf_reader(
    "gguf",
    [](std::string_view bytes) {
        const GgufFile file(fuzz::file("model.gguf", bytes));
        for (const auto& [key, value] : file.metadata().entries()) {
            fuzz::check(file.metadata().contains(key), "a key is lost");
            try {
                file.metadata().integers(key);
            } catch (const FileError&) {  // of another type
            }
        }
        for (const GgufTensor& info : file.tensors()) {
            fuzz::check(file.contains(info.name), "a tensor is lost");
            fuzz::check(info.begin <= info.end && info.end <= bytes.size(), "its place");
            try {
                file.tensor(info.name);
            } catch (const FileError&) {  // a type that we do not convert
            }
        }
    },
    {with_everything(), gguf_file({}, {})});
