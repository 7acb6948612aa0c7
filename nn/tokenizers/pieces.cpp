// SPDX-License-Identifier: MIT
#include "nn/tokenizers/pieces.h"

#include <cmath>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::string_view kSpace = "\u2581";

// Replaces every occurrence of `from`.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t at; (at = text.find(from)) != text.npos; text.remove_prefix(at + from.size()))
        result.append(text.substr(0, at)).append(to);
    return result.append(text);
}

// U+FFFD for every malformed byte.
std::string well_formed(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (; !text.empty(); text.remove_prefix(utf8_first(text).size())) {
        if (utf8_step(text).valid)
            result += utf8_first(text);
        else
            utf8_append(result, kReplacement);
    }
    return result;
}

// One space where there are several, and none at the ends.
std::string collapsed(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    for (const char c : text)
        if (c != ' ' || (!result.empty() && result.back() != ' ')) result += c;
    if (!result.empty() && result.back() == ' ') result.pop_back();
    return result;
}

}  // namespace

std::optional<unsigned char> byte_of_name(std::string_view text) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (text.size() != 6 || !text.starts_with("<0x") || text[5] != '>') return std::nullopt;
    const std::size_t high = kDigits.find(text[3]), low = kDigits.find(text[4]);
    if (high == kDigits.npos || low == kDigits.npos) return std::nullopt;
    return static_cast<unsigned char>(16 * high + low);
}

PieceModel::PieceModel(std::vector<Piece> pieces, PieceText text)
    : pieces_(std::move(pieces)), text_(std::move(text)) {
    bytes_.fill(kUnknown);
    int bytes = 0;
    std::size_t all = 0;
    std::vector<std::pair<std::string_view, int>> user_defined;
    for (int id = 0; id < size(); ++id) {
        const Piece& piece = pieces_[static_cast<std::size_t>(id)];
        const auto refuse = [&](const char* why) {
            require(false, "pieces: piece {}, {}, {}", id, in_quotes(piece.text), why);
        };
        if (piece.text.empty()) refuse("has no text");
        if (piece.text.size() > kMostTokenBytes) refuse("is longer than 512 bytes");
        all += piece.text.size();
        if (all > kMostVocabularyBytes) refuse("makes the vocabulary larger than 64 MiB");
        if (!std::isfinite(piece.score)) refuse("has a score that is not finite");
        tokens_.push_back(piece.text);
        switch (piece.type) {
            case PieceType::unknown:
                if (unknown_ != kUnknown) refuse("is a second piece of type unknown");
                unknown_ = id;
                break;
            case PieceType::control:
                break;
            case PieceType::byte: {
                const auto byte = byte_of_name(piece.text);
                if (!byte) refuse("is of type byte, so it must be like <0x0A>");
                int& place = bytes_[*byte];
                if (place != kUnknown) refuse("is there twice");
                place = id;
                tokens_.back() = static_cast<char>(*byte);
                ++bytes;
                break;
            }
            default:
                if (!ids_.emplace(piece.text, id).second) refuse("is there twice");
                if (piece.type == PieceType::user_defined)
                    user_defined.emplace_back(piece.text, id);
                pieces_are_words_ &= next_word(piece.text) == piece.text.size();
                tokens_.back() = replaced(piece.text, kSpace, " ");
        }
    }
    require(bytes == 0 || bytes == 256, "pieces: {} of them are bytes, must be all 256 or none",
            bytes);
    has_bytes_ = bytes == 256;
    require(has_bytes_ || unknown_ != kUnknown,
            "pieces: there is neither a piece of type unknown nor one for each byte, so most text "
            "would have no tokens");
    user_defined_ = Trie(std::move(user_defined));
}

const std::string& PieceModel::token(int id) const {
    require(id >= 0 && id < size(), "pieces: token {} is outside 0..{}", id, size() - 1);
    return tokens_[static_cast<std::size_t>(id)];
}

const Piece& PieceModel::piece(int id) const {
    token(id);
    return pieces_[static_cast<std::size_t>(id)];
}

bool PieceModel::is_special(int id) const {
    return piece(id).type == PieceType::control;
}

int PieceModel::find(std::string_view text) const {
    const auto found = ids_.find(text);
    return found == ids_.end() ? kUnknown : found->second;
}

std::size_t PieceModel::next_word(std::string_view written) {
    std::size_t at = 0;
    while (written.substr(at).starts_with(kSpace)) at += kSpace.size();
    return std::min(written.find(kSpace, at), written.size());
}

// User-defined pieces are what they are: only the text between them is normalised.
std::string PieceModel::normalised(std::string_view text) const {
    if (!text_.normalise) return std::string(text);
    std::string result;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t length = user_defined_.longest(text.substr(i)).length;
        if (length > 0) {
            result += text_.normalise(text.substr(begin, i - begin));
            result += text.substr(i, length);
            begin = i + length;
        }
        i += length > 0 ? length : utf8_first(text.substr(i)).size();
    }
    return result + text_.normalise(text.substr(begin));
}

std::string PieceModel::written(std::string_view text) const {
    std::string plain = well_formed(normalised(text));
    if (text_.collapse_spaces) plain = collapsed(plain);
    const bool unless_there = text_.prefix == PieceText::Prefix::unless_there;
    // Text of which normalising leaves nothing is still a text to SentencePiece.
    if (text_.collapse_spaces || unless_there ? plain.empty() : text.empty()) return "";
    std::string result = replaced(plain, " ", kSpace);
    if (text_.prefix == PieceText::Prefix::always || (unless_there && !result.starts_with(kSpace)))
        result.insert(0, kSpace);
    while (text_.collapse_spaces && result.ends_with(kSpace))
        result.resize(result.size() - kSpace.size());
    return result;
}

void PieceModel::encode(std::string_view text, std::vector<int>& ids) const {
    const std::string all = written(text);
    if (!text_.split_words) return encode_word(all, ids);
    for (std::string_view rest = all; !rest.empty();) {
        // Each U+2581 begins a word, also one right after another.
        const std::size_t end = std::min(rest.find(kSpace, 1), rest.size());
        encode_word(rest.substr(0, end), ids);
        rest.remove_prefix(end);
    }
}

void PieceModel::encode_word(std::string_view word, std::vector<int>& ids) const {
    bool after_unknown = false;
    for (const Part& part : split(word)) {
        const bool is_unknown = part.id == kUnknown;
        if (!is_unknown) {
            ids.push_back(part.id);
        } else if (has_bytes_) {
            for (const char byte : word.substr(0, part.length))
                ids.push_back(bytes_[static_cast<unsigned char>(byte)]);
        } else if (!after_unknown || !text_.join_unknown) {
            ids.push_back(unknown_);
        }
        after_unknown = is_unknown;
        word.remove_prefix(part.length);
    }
}

std::string PieceModel::decode(const std::vector<int>& ids) const {
    std::string text;
    bool at_start = text_.collapse_spaces || text_.prefix != PieceText::Prefix::none;
    for (const int id : ids) {
        std::string_view bytes = token(id);
        const PieceType type = pieces_[static_cast<std::size_t>(id)].type;
        if (type == PieceType::control) continue;
        const bool space = type != PieceType::byte && bytes.starts_with(' ');
        if (at_start && space) bytes.remove_prefix(1);
        text += bytes;
        // Where spaces are collapsed, none at the start was the text's own.
        if (at_start) at_start = text.empty() && text_.collapse_spaces;
    }
    return text;
}

}  // namespace gradus
