// SPDX-License-Identifier: MIT
// llm.c's token shards, and raw tokens.
#include "nn/files/atomic_file.h"
#include "nn/files/datasets/token_shards.h"
#include "tensor/error.h"
#include "tests/fuzz/fuzz.h"

using namespace gradus;

static std::string written(const std::vector<int>& ids, TokenShard shard) {
    const std::string path = fuzz::folder() + "/seed.bin";
    write_token_shard(path, ids, shard);
    return read_file(path);
}

static const fuzz::Reader token_shards_reader(
    "token_shards",
    [](std::string_view bytes) {
        const std::string path = fuzz::file("tokens.bin", bytes);
        try {
            const TokenText raw = read_raw_tokens(path, 50257);
            for (const int id : raw.list(0, raw.size())) fuzz::check(id < 50257, "a raw token");
        } catch (const FileError&) {  // it may be a shard
        }
        const TokenText tokens = read_token_shard(path, 128256);
        for (const int id : tokens.list(0, tokens.size())) fuzz::check(id < 128256, "a token");
    },
    {written({50256, 0, 1}, TokenShard::gpt2), written({128000, 5}, TokenShard::llama3)});
