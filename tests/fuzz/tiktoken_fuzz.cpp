// SPDX-License-Identifier: MIT
// A rank file, or what is added to one that has all bytes; and text through it.
#include <fmt/format.h>

#include "nn/files/tokenizers/tiktoken.h"
#include "tensor/error.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string all_bytes() {
    constexpr const char* kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string file;
    for (int byte = 0; byte < 256; ++byte)
        file += fmt::format("{}{}== {}\n", kDigits[byte >> 2], kDigits[(byte & 3) << 4], byte);
    return file;
}

static const fuzz::Reader tiktoken_reader(
    "tiktoken",
    [](std::string_view bytes) {
        static const std::string begin = all_bytes();
        for (const char* name : {"r50k_base", "cl100k_base"})
            for (const std::string& file : {std::string(bytes), begin + std::string(bytes)}) {
                try {
                    const Bpe bpe = load_tiktoken(fuzz::file("ranks", file), name);
                    const std::vector<int> ids = bpe.encode(bytes);
                    fuzz::check(bpe.decode(ids) == bytes, "decode");
                    for (const int id : ids) fuzz::check(!bpe.is_special(id), "special");
                } catch (const FileError&) {
                }
            }
    },
    {"YWI= 256\nYWJj 257\nYmM= 258\n", "YQ== 97\r\n\n"});
