// SPDX-License-Identifier: MIT
// Writes SentencePiece's .model files for tests: fields of a protocol buffer, one after another.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "nn/tokenizers/pieces.h"

namespace gradus {

inline std::string varint(std::uint64_t value) {
    std::string bytes;
    for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
    return bytes + static_cast<char>(value);
}
inline std::string number_field(int field, std::uint64_t value) {
    return varint(static_cast<std::uint64_t>(field) << 3) + varint(value);
}
inline std::string text_field(int field, std::string_view text) {
    return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(text.size()) +
           std::string(text);
}
inline std::string real_field(int field, float value) {
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &value, 4);
    return varint(static_cast<std::uint64_t>(field) << 3 | 5) + bytes;
}

inline std::string pieces_bytes(const std::vector<Piece>& pieces) {
    std::string bytes;
    for (const Piece& piece : pieces)
        bytes += text_field(1, text_field(1, piece.text) +
                                   real_field(2, static_cast<float>(piece.score)) +
                                   number_field(3, static_cast<std::uint64_t>(piece.type)));
    return bytes;
}

// model_type as in the file: 1 is unigram, 2 is BPE. `more`: further fields of the normaliser.
inline std::string sentencepiece_bytes(const std::vector<Piece>& pieces, std::uint64_t model_type,
                                       std::string_view more = "") {
    return pieces_bytes(pieces) + text_field(2, number_field(3, model_type)) + text_field(3, more);
}

}  // namespace gradus
