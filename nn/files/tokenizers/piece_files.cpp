// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/piece_files.h"

#include <algorithm>
#include <cstring>

#include "nn/files/mapped_file.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 28;  // of a vocabulary; that of Llama 2 has 434 kB

// The whole file, copied so that it cannot change while it is read.
std::string contents(const std::string& path) {
    const MappedFile file(path);
    if (file.size() > kMostBytes)
        throw FileError(path, fmt::format("{} bytes, at most {} are allowed in a vocabulary",
                                          file.size(), kMostBytes));
    std::string copy(file.bytes(0, file.size()));
    file.bytes(0, file.size());  // throws if they have gone meanwhile
    return copy;
}

}  // namespace

WordPiece load_vocab_txt(const std::string& path, const WordPieceOptions& options) {
    const std::string all = contents(path);
    if (const std::size_t bad = utf8_valid_prefix(all); bad < all.size())
        throw FileError(path, utf8_complaint(all, bad));
    std::vector<std::string> vocabulary;
    for (std::string_view text = all; !text.empty();) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty())
            throw FileError(
                path, fmt::format("line {}: is empty, must be a token", vocabulary.size() + 1));
        vocabulary.emplace_back(line);
    }
    try {
        return WordPiece(std::move(vocabulary), options);
    } catch (const std::invalid_argument& error) {
        throw FileError(path, fmt::format("{} (token 0 is on line 1); is this BERT's vocab.txt?",
                                          error.what()));
    }
}

SentencePiece load_tokenizer_bin(const std::string& path, int tokens) {
    require(tokens > 0, "load_tokenizer_bin: {} tokens, must be at least 1", tokens);
    const std::string all = contents(path);
    std::size_t at = 0;
    const auto take = [&](std::size_t size, std::size_t token) {
        if (size > all.size() - at)
            throw FileError(path,
                            fmt::format("offset {}: token {} of {} needs {} more bytes, but {} "
                                        "are left; is this llama2.c's tokenizer.bin, and of a "
                                        "model with so many tokens?",
                                        at, token, tokens, size, all.size() - at));
        at += size;
        return std::string_view(all).substr(at - size, size);
    };
    take(4, 0);  // the longest length: of use only to a reader with a fixed buffer
    std::vector<Piece> pieces;
    for (std::size_t id = 0; id < static_cast<std::size_t>(tokens); ++id) {
        float score = 0;
        std::int32_t length = 0;
        std::memcpy(&score, take(4, id).data(), 4);
        std::memcpy(&length, take(4, id).data(), 4);
        if (length < 0)
            throw FileError(
                path, fmt::format("offset {}: token {} has a length of {}", at - 4, id, length));
        Piece piece{"", score};
        for (const char c : take(static_cast<std::size_t>(length), id)) {
            if (c == ' ')
                piece.text += "▁";  // export.py writes it as a space
            else
                piece.text += c;
        }
        if (id == 0) piece.type = PieceType::unknown;
        if (id == 1 || id == 2) {
            piece.type = PieceType::control;
            std::erase(piece.text, '\n');  // of "\n<s>\n"
        }
        if (id > 2 && byte_of_name(piece.text)) piece.type = PieceType::byte;
        pieces.push_back(std::move(piece));
    }
    if (at < all.size())
        throw FileError(path, fmt::format("offset {}: {} tokens end here, but {} bytes follow; how "
                                          "many tokens does the model have?",
                                          at, tokens, all.size() - at));
    try {
        return SentencePiece(std::move(pieces));
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

}  // namespace gradus
