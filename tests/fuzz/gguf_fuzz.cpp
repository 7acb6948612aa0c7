// SPDX-License-Identifier: MIT
// A GGUF file: the header, its metadata, and every tensor that it names.
#include "nn/files/atomic_file.h"
#include "nn/files/gguf.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string with_everything() {
    GgufMetadata metadata;
    metadata.add("general.architecture", "llama");
    metadata.add("a", std::uint32_t{3});
    metadata.add("b", true);
    metadata.add("c", std::vector<std::string>{"x", ""});
    metadata.add("d", std::vector<float>{1, 2});
    const StoredWeight q4 = store(Tensor({2, 32}), WeightFormat::q4_0, WeightLayout::out_in),
                       q8 = store(Tensor({1, 32}), WeightFormat::q8_0, WeightLayout::out_in);
    const std::string path = fuzz::folder() + "/seed.gguf";
    save_gguf(path, {{"w", Tensor({2, 3})}, {"q4", {}, q4}, {"q8", {}, q8}}, metadata);
    return read_file(path);
}

static const fuzz::Reader reader(
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
    {with_everything(), std::string("GGUF\3\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24)});
