// SPDX-License-Identifier: MIT
#include "nn/files/datasets/token_shards.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "nn/files/atomic_file.h"
#include "nn/files/gzip.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kHeaderBytes = 256 * 4;
constexpr std::uint32_t kMostTokens = std::numeric_limits<std::int32_t>::max();

struct ShardFormat {
    TokenShard shard;
    std::uint32_t magic, version;
    std::size_t width;  // bytes per token
};
constexpr ShardFormat kFormats[] = {{TokenShard::gpt2, 20240520, 1, 2},
                                    {TokenShard::llama3, 20240801, 7, 4}};

// Bytes, little end first.
std::uint32_t number_at(std::string_view bytes, std::size_t at, std::size_t width) {
    std::uint32_t value = 0;
    for (std::size_t i = width; i-- > 0;)
        value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
    return value;
}

// The tokens that lie in a file's bytes from `begin` to the end.
TokenText tokens_of(const UnpackedFile& file, std::size_t begin, std::size_t width,
                    Index vocabulary) {
    const std::string_view bytes = file.bytes();
    constexpr Index kMostVocabulary = std::numeric_limits<std::int32_t>::max();
    require(vocabulary > 0 && vocabulary <= kMostVocabulary,
            "token shard: a vocabulary of {} tokens, must be from 1 to {}", vocabulary,
            kMostVocabulary);
    TokenText tokens(vocabulary, static_cast<Index>((bytes.size() - begin) / width));
    constexpr std::size_t kPiece = std::size_t{1} << 16;
    std::vector<int> ids;
    for (std::size_t at = begin; at < bytes.size();) {
        ids.clear();
        for (; at < bytes.size() && ids.size() < kPiece; at += width) {
            const std::uint32_t id = number_at(bytes, at, width);
            if (id >= static_cast<std::uint64_t>(vocabulary))
                throw FileError(file.path(),
                                fmt::format("offset {}: token {} is not in a vocabulary of {}", at,
                                            id, vocabulary));
            ids.push_back(static_cast<int>(id));
        }
        tokens.append(ids);
    }
    file.bytes();  // throws if they have gone meanwhile
    return tokens;
}

}  // namespace

TokenText read_token_shard(const std::string& path, Index vocabulary) {
    const UnpackedFile file(path);
    const std::string_view bytes = file.bytes();
    const auto refuse = [&](std::size_t offset, const std::string& what) {
        throw FileError(path, fmt::format("offset {}: {}", offset, what));
    };
    if (bytes.size() < kHeaderBytes)
        refuse(0, fmt::format("{} bytes, but the header of a token shard has {}", bytes.size(),
                              kHeaderBytes));
    const std::uint32_t magic = number_at(bytes, 0, 4), version = number_at(bytes, 4, 4);
    const ShardFormat* format = std::begin(kFormats);
    while (format != std::end(kFormats) && format->magic != magic) ++format;
    if (format == std::end(kFormats))
        refuse(0, fmt::format("magic number {}, must be {} or {} (tokens without a header are read "
                              "as raw tokens)",
                              magic, kFormats[0].magic, kFormats[1].magic));
    if (version != format->version)
        refuse(4, fmt::format("version {}, must be {}", version, format->version));
    const std::uint32_t count = number_at(bytes, 8, 4);
    const std::uint64_t needed = std::uint64_t{count} * format->width;
    if (count > kMostTokens) refuse(8, fmt::format("{} tokens, must be less than 2^31", count));
    if (bytes.size() - kHeaderBytes != needed)
        refuse(8, fmt::format("{} tokens take {} bytes, but {} follow the header; {}", count,
                              needed, bytes.size() - kHeaderBytes,
                              needed > bytes.size() - kHeaderBytes ? "the file is cut short"
                                                                   : "there are too many"));
    return tokens_of(file, kHeaderBytes, format->width, vocabulary);
}

void write_token_shard(const std::string& path, const TokenText& tokens, TokenShard shard) {
    const ShardFormat& format = kFormats[shard == TokenShard::gpt2 ? 0 : 1];
    require(tokens.size() <= kMostTokens, "token shard: {} tokens, must be less than 2^31",
            tokens.size());
    std::string piece;
    const auto put = [&](std::uint32_t value, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) piece += static_cast<char>(value >> 8 * i);
    };
    AtomicFile file(path);
    for (const std::uint32_t value :
         {format.magic, format.version, static_cast<std::uint32_t>(tokens.size())})
        put(value, 4);
    piece.resize(kHeaderBytes);
    file.write(piece);
    constexpr Index kPiece = 1 << 16;
    for (Index begin = 0; begin < tokens.size(); begin += kPiece) {
        piece.clear();
        for (const int id : tokens.list(begin, kPiece)) {
            require(format.width == 4 || id < 1 << 16,
                    "token shard: token {} does not fit into the 16 bits of a GPT-2 shard", id);
            put(static_cast<std::uint32_t>(id), format.width);
        }
        file.write(piece);
    }
    file.commit();
}

TokenText read_raw_tokens(const std::string& path, Index vocabulary) {
    const UnpackedFile file(path);
    const std::string_view bytes = file.bytes();
    if (bytes.size() % 2 != 0)
        throw FileError(
            path, fmt::format("{} bytes are not a whole number of 16-bit tokens", bytes.size()));
    for (const ShardFormat& format : kFormats)
        if (bytes.size() >= kHeaderBytes && number_at(bytes, 0, 4) == format.magic)
            throw FileError(path, "a token shard of llm.c, not raw tokens: it has a header");
    return tokens_of(file, 0, 2, vocabulary);
}

}  // namespace gradus
