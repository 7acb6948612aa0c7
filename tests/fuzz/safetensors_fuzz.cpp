// SPDX-License-Identifier: MIT
// A file of tensors: the header, and every tensor that it names.
#include "nn/files/weights/safetensors.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string with_header(const std::string& header, std::size_t data) {
    std::string size(8, '\0');
    for (int i = 0; i < 8; ++i) size[static_cast<std::size_t>(i)] = char(header.size() >> 8 * i);
    return size + header + std::string(data, '\1');
}

static const fuzz::Reader safetensors_reader(
    "safetensors",
    [](std::string_view bytes) {
        const SafetensorsFile tensors(fuzz::file("model.safetensors", bytes));
        for (const TensorInfo& info : tensors.tensors()) {
            fuzz::check(tensors.contains(info.name), "a tensor is lost");
            fuzz::check(tensors.bytes(info.name).size() == info.end - info.begin, "its size");
            try {
                tensors.tensor(info.name);
            } catch (const FileError&) {  // a dtype that we do not convert
            }
        }
    },
    {with_header(R"({"w":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}})", 24),
     with_header(
         R"({"__metadata__":{"format":"pt"},"b":{"dtype":"BF16","shape":[],"data_offsets":[0,2]},)"
         R"("i":{"dtype":"I64","shape":[0,5],"data_offsets":[2,2]}})",
         2)});
