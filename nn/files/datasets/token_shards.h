// SPDX-License-Identifier: MIT
// Token files of other trainers. llm.c (Karpathy, dev/data/data_common.py, llmc/dataloader.h): 256
// 32-bit integers, of which the first three are a magic number, a version and the number of tokens,
// then the tokens, in 16 bits (GPT-2's tokenizer, 20240520, version 1) or 32 (Llama 3's, 20240801,
// version 7). nanoGPT (data/*/prepare.py, *.bin): 16-bit tokens and nothing else. All little-endian.
// Any of them may be gzip, of up to kMostUnpackedBytes unpacked. Left out: llm.c's evaluation files.
#pragma once

#include <string>

#include "nn/tokenizers/token_text.h"

namespace gradus {

// Reads llm.c's shards of both kinds. Throws FileError, with the offset, unless the file holds exactly
// the tokens that it promises, each less than `vocabulary`, the size of the tokenizer's vocabulary.
TokenText read_token_shard(const std::string& path, Index vocabulary);

enum class TokenShard { gpt2, llama3 };
// Throws std::invalid_argument for a token that 16 bits do not hold in TokenShard::gpt2, and for 2^31
// tokens or more; FileError if the file cannot be written.
void write_token_shard(const std::string& path, const TokenText& tokens, TokenShard shard);

// Reads nanoGPT's file. Throws FileError as read_token_shard() does.
TokenText read_raw_tokens(const std::string& path, Index vocabulary);

}  // namespace gradus
