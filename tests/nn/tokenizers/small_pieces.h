// SPDX-License-Identifier: MIT
// A vocabulary of 30 pieces, of every type, on which tests agree with SentencePiece 0.1.97: the ids in
// them are what it gives for a model of these pieces.
#pragma once

#include <fmt/core.h>

#include <string>
#include <vector>

#include "nn/tokenizers/pieces.h"

namespace gradus {

// bytes: with a piece for each, as ids 30 to 285.
enum class SmallPieces { plain, bytes };

inline std::vector<Piece> small_pieces(SmallPieces kind = SmallPieces::plain) {
    using enum PieceType;
    std::vector<Piece> pieces = {{"<unk>", 0, unknown},
                                 {"<s>", 0, control},
                                 {"</s>", 0, control},
                                 {"<mask>", 0, user_defined},
                                 {"▁t", -1},
                                 {"he", -2},
                                 {"▁the", -3},
                                 {"in", -4},
                                 {"th", -5, unused},
                                 {"ing", -5.5},
                                 {"▁a", -6},
                                 {"nd", -7},
                                 {"▁and", -8},
                                 {"aa", -8.5},
                                 {"the", -9},
                                 {"aaa", -9.25},
                                 {"▁▁", -9.5}};
    double score = -10;
    for (const char* character :
         {"▁", "t", "h", "e", "n", "i", "g", "a", "d", "o", "c", "é", "中"}) {
        pieces.push_back({character, score});
        score -= 0.25;
    }
    for (int byte = 0; kind == SmallPieces::bytes && byte < 256; ++byte)
        pieces.push_back({fmt::format("<0x{:02X}>", byte), 0, PieceType::byte});
    return pieces;
}

// As a TokenModel's encode(), which appends.
inline std::vector<int> ids_of(const TokenModel& model, std::string_view text) {
    std::vector<int> ids;
    model.encode(text, ids);
    return ids;
}

}  // namespace gradus
