// SPDX-License-Identifier: MIT
// What SentencePiece's two types of model have in common (Kudo and Richardson 2018,
// arXiv:1808.06226): a vocabulary of pieces, in which U+2581 "▁" is written for a space, so that
// joining the pieces of a text gives the text; and the steps before and after the model itself.
// Written from SentencePiece 0.1.97. Left out: sampling, the rules for denormalising, and the suffix
// in place of the prefix.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "nn/tokenizers/token_model.h"
#include "nn/tokenizers/trie.h"

namespace gradus {

// With the numbers of .model and GGUF files. unknown: stands for text that no other piece can be;
// control: never comes out of text; user_defined: found in the text before anything else is; unused:
// only a step of merging; byte: "<0x41>" is the byte 0x41, for characters that are not pieces.
enum class PieceType { normal = 1, unknown, control, user_defined, unused, byte };

struct Piece {
    std::string text;
    double score = 0;
    PieceType type = PieceType::normal;
};

// The byte that "<0x41>" names; nothing if it is not written like that.
std::optional<unsigned char> byte_of_name(std::string_view text);

// How a text is written before it is split into pieces; the members' order is the steps' order.
struct PieceText {
    enum class Prefix { none, always, unless_there };

    std::function<std::string(std::string_view)> normalise = {};  // none: the text stays as it is
    // One space where there are several, and none around the text.
    bool collapse_spaces = false;
    // A space before the text, so that its first word is written like the others.
    Prefix prefix = Prefix::always;
    bool split_words = false;  // before every space, so that no piece contains another one
    bool join_unknown = true;  // characters in a row that have no piece are one token
};

// The base of SentencePiece (sentencepiece.h) and Unigram (unigram.h). The unknown piece can come
// out of text, so it is not special; decode() writes its name, where SentencePiece writes U+2047.
class PieceModel : public TokenModel {
 public:
    int size() const override { return static_cast<int>(pieces_.size()); }
    const std::string& token(int id) const override;  // with spaces in place of U+2581
    bool is_special(int id) const override;
    // A malformed byte is encoded as U+FFFD.
    void encode(std::string_view text, std::vector<int>& ids) const override;
    // Without the space that encode() put before the text.
    std::string decode(const std::vector<int>& ids) const override;

    const Piece& piece(int id) const;
    const PieceText& text_rules() const { return text_; }

 protected:
    // A part of the text and its piece; kUnknown if it has none.
    struct Part {
        std::size_t length;  // bytes
        int id;
    };
    static constexpr int kUnknown = -1;

    // Throws std::invalid_argument unless there is an unknown piece, or a piece for each of the 256
    // bytes, and every other piece has a text of its own and a finite score.
    PieceModel(std::vector<Piece> pieces, PieceText text);

    // Splits what encode() has written of the text, or a word of it.
    virtual std::vector<Part> split(std::string_view written) const = 0;

    const std::vector<Piece>& pieces() const { return pieces_; }
    int find(std::string_view text) const;  // a piece that text can be; kUnknown if there is none
    const Trie& user_defined() const { return user_defined_; }
    // Where the next word begins: at a U+2581 that follows something else; at the end if nowhere.
    static std::size_t next_word(std::string_view written);
    bool pieces_are_words() const { return pieces_are_words_; }  // none goes on beyond a space

 private:
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    std::string written(std::string_view text) const;
    std::string normalised(std::string_view text) const;
    void encode_word(std::string_view word, std::vector<int>& ids) const;

    std::vector<Piece> pieces_;
    PieceText text_;
    std::vector<std::string> tokens_;                                  // by id
    std::unordered_map<std::string, int, Hash, std::equal_to<>> ids_;  // that text can be
    Trie user_defined_;
    std::array<int, 256> bytes_;  // the pieces of the bytes, if there are any
    bool has_bytes_ = false, pieces_are_words_ = true;
    int unknown_ = kUnknown;
};

}  // namespace gradus
