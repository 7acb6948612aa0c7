// SPDX-License-Identifier: MIT
// A checkpoint of llama2.c: the header, and every tensor.
#include "nn/files/weights/llama2c.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

// One layer, width and hidden 4, two heads, one of keys, two tokens.
static std::string checkpoint(int version, std::size_t size) {
    std::string bytes;
    const auto i32 = [&](std::int32_t value) {
        bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    };
    if (version > 0) i32(0x616b3432), i32(version);
    for (const int value : {4, 4, 1, 2, 1, 2, 3}) i32(value);
    if (version > 0) bytes += '\1';
    if (version == 2) i32(4);
    bytes.resize(size, '\1');
    return bytes;
}

static const fuzz::Reader llama2c_reader(
    "llama2c",
    [](std::string_view bytes) {
        const Llama2cFile file(fuzz::file("model.bin", bytes));
        for (const std::string& name : file.names()) {
            fuzz::check(file.contains(name), "a tensor is lost");
            const Tensor t = file.tensor(name);
            if (t.rank() == 2) {
                try {
                    values_of(file.stored(name, t.shape(), WeightLayout::out_in));
                } catch (const FileError&) {  // a scale that is not finite
                }
            }
        }
    },
    // 12 numbers in norms and 104 in matrices
    {checkpoint(0, 28 + 4 * (12 + 104 + 6)), checkpoint(1, 256 + 4 * (12 + 104)),
     checkpoint(2, 256 + 4 * 12 + 2 * 104)});
