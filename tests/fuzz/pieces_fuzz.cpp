// SPDX-License-Identifier: MIT
// Arbitrary text through tokenizers of pieces, which give it back where they promise to.
#include "nn/text/utf8.h"
#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/unigram.h"
#include "nn/tokenizers/wordpiece.h"
#include "tests/fuzz/fuzz.h"
#include "tests/nn/tokenizers/small_pieces.h"

using namespace gradus;

namespace {

// Every id that is not special, and the text again if it is UTF-8 and has no U+2581 of its own.
void check_model(const PieceModel& model, std::string_view text, bool gives_back) {
    const std::vector<int> ids = ids_of(model, text);
    for (const int id : ids) fuzz::check(!model.is_special(id), "a special token");
    const std::string decoded = model.decode(ids);
    const bool plain = utf8_valid_prefix(text) == text.size() && text.find("▁") == text.npos;
    if (gives_back && plain) fuzz::check(decoded == text, "decode");
}

const fuzz::Reader reader("pieces",
                          [](std::string_view text) {
                              static const SentencePiece bpe(small_pieces(SmallPieces::bytes));
                              static const Unigram unigram(small_pieces(SmallPieces::bytes));
                              static const SentencePiece spaces(small_pieces(),
                                                                {.collapse_spaces = true});
                              static const Unigram words(small_pieces(), {.split_words = true});
                              check_model(bpe, text, true);
                              check_model(unigram, text, true);
                              check_model(spaces, text, false);
                              check_model(words, text, false);
                              static const WordPiece wordpiece(
                                  {"[UNK]", "[CLS]", "[", "]", "cl", "##s", "the", "e", "中"});
                              const std::vector<int> ids = ids_of(wordpiece, text);
                              for (const int id : ids)
                                  fuzz::check(!wordpiece.is_special(id), "a special token");
                              wordpiece.decode(ids);
                          },
                          {"the thing and\tthe <mask> aaaa", "été 中  x <s> [CLS] <0x41>\xFF",
                           "thth▁the\xE2\x96"});

}  // namespace
