// SPDX-License-Identifier: MIT
// SentencePiece's .model files, and text through what they say.
#include "nn/files/tokenizers/sentencepiece_file.h"
#include "tests/fuzz/fuzz.h"
#include "tests/nn/files/tokenizers/sentencepiece_bytes.h"
#include "tests/nn/tokenizers/small_charsmap.h"
#include "tests/nn/tokenizers/small_pieces.h"

using namespace gradus;

namespace {

const std::vector<Piece> kFew = {{"<unk>", 0, PieceType::unknown},
                                 {"<s>", 0, PieceType::control},
                                 {"▁", -1},
                                 {"a", -2},
                                 {"ab", -1.5},
                                 {"<m>", 0, PieceType::user_defined},
                                 {"aab", -1, PieceType::unused}};

const fuzz::Reader reader(
    "sentencepiece",
    [](std::string_view bytes) {
        const SentencePieceFile file = load_sentencepiece(fuzz::file("tokenizer.model", bytes));
        for (const std::string_view text : {std::string_view("ab aab <m>\xFF中<s>"), bytes}) {
            const std::vector<int> ids = ids_of(*file.model, text.substr(0, 4096));
            for (const int id : ids) fuzz::check(!file.model->is_special(id), "a special token");
            file.model->decode(ids);
        }
    },
    {sentencepiece_bytes(kFew, 1), sentencepiece_bytes(kFew, 2, number_field(4, 0)),
     sentencepiece_bytes(kFew, 1, text_field(2, charsmap_blob({{"b", "a"}})))});

}  // namespace
