// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/sentencepiece_file.h"

#include <cstring>

#include "nn/files/mapped_file.h"
#include "nn/text/utf8.h"
#include "nn/tokenizers/charsmap.h"
#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/unigram.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::uint64_t kMostBytes = 1 << 28;  // that of T5 has 792 kB
constexpr std::size_t kMostPieces = 1 << 24;

// A message is a sequence of fields: a varint with the field's number and the type of its value, then
// the value. Fields that nobody asks for are skipped; of one that occurs twice, the last
// counts (Protocol Buffers merges such messages; SentencePiece writes none).
class Message {
 public:
    Message(const std::string& path, std::string_view bytes, std::size_t offset)
        : path_(path), bytes_(bytes), offset_(offset) {}

    bool next() {
        if (at_ == bytes_.size()) return false;
        begin_ = at_;
        const std::uint64_t key = varint();
        field_ = key >> 3;
        type_ = static_cast<int>(key & 7);
        number_ = 0;
        if (field_ == 0) refuse("field 0 does not exist");
        switch (type_) {
            case 0:
                number_ = varint();
                break;
            case 1:
                take(8);
                break;
            case 2:
                take(varint());
                break;
            case 5:
                take(4);
                break;
            default:
                refuse(fmt::format("a value of type {} is not supported", type_));
        }
        return true;
    }
    std::uint64_t field() const { return field_; }

    // The value of the field; refuses it if it has another type.
    std::uint64_t number() const { return check(0), number_; }
    std::string_view text() const { return check(2), value_; }
    Message message() const {
        check(2);
        return {path_, value_, offset_ + static_cast<std::size_t>(value_.data() - bytes_.data())};
    }
    float real() const {
        check(5);
        float value;
        std::memcpy(&value, value_.data(), sizeof value);
        return value;
    }

    [[noreturn]] void refuse(std::string_view why) const {
        throw FileError(path_, fmt::format("offset {}: {}; is this a SentencePiece model?",
                                           offset_ + begin_, why));
    }

 private:
    std::uint64_t varint() {
        std::uint64_t value = 0;
        for (int shift = 0; shift < 64; shift += 7) {  // ten bytes at most
            if (at_ == bytes_.size()) refuse("a number is cut short");
            const auto byte = static_cast<unsigned char>(bytes_[at_++]);
            value |= std::uint64_t{byte & 0x7FU} << shift;
            if (byte < 0x80) return value;
        }
        refuse("a number has more than ten bytes");
    }
    void take(std::uint64_t size) {
        if (size > bytes_.size() - at_)
            refuse(fmt::format("field {} has {} bytes, but {} are left", field_, size,
                               bytes_.size() - at_));
        value_ = bytes_.substr(at_, size);
        at_ += size;
    }
    void check(int type) const {
        if (type_ != type)
            refuse(fmt::format("field {} has a value of type {}, must be {}", field_, type_, type));
    }

    const std::string& path_;
    std::string_view bytes_, value_;
    std::size_t offset_, at_ = 0, begin_ = 0;  // of bytes_ in the file; in bytes_; of the field
    std::uint64_t field_ = 0, number_ = 0;
    int type_ = 0;
};

Piece read_piece(Message message) {
    Piece piece;
    while (message.next()) switch (message.field()) {
            case 1:
                piece.text = message.text();
                break;
            case 2:
                piece.score = message.real();
                break;
            case 3:
                if (message.number() < 1 || message.number() > 6)
                    message.refuse(fmt::format("a piece of type {}", message.number()));
                piece.type = static_cast<PieceType>(message.number());
        }
    return piece;
}

// What the trainer has been told.
struct Trained {
    bool unigram = true;
    std::string bos = "<s>", eos = "</s>";
};
Trained read_trained(Message message) {
    Trained trained;
    while (message.next()) switch (message.field()) {
            case 3:
                if (message.number() < 1 || message.number() > 2)
                    message.refuse(fmt::format("a model of type {}, must be 1 (unigram) or 2 (BPE)",
                                               message.number()));
                trained.unigram = message.number() == 1;
                break;
            case 24:
                if (message.number()) message.refuse("spaces after words are not supported");
                break;
            case 46:
                trained.bos = message.text();
                break;
            case 47:
                trained.eos = message.text();
        }
    return trained;
}

PieceText read_normaliser(Message message) {
    PieceText text{.collapse_spaces = true};
    while (message.next()) switch (message.field()) {
            case 2:
                text.normalise = {};
                if (message.text().empty()) break;
                try {
                    text.normalise = [rules = Charsmap(message.text())](std::string_view part) {
                        return rules.apply(part);
                    };
                } catch (const std::invalid_argument& error) {
                    message.refuse(error.what());
                }
                break;
            case 3:
                text.prefix =
                    message.number() ? PieceText::Prefix::always : PieceText::Prefix::none;
                break;
            case 4:
                text.collapse_spaces = message.number() != 0;
                break;
            case 5:
                if (!message.number()) message.refuse("spaces as such in pieces are not supported");
        }
    return text;
}

std::optional<int> find_control(const PieceModel& model, std::string_view name) {
    for (int id = 0; id < model.size(); ++id)
        if (model.is_special(id) && model.token(id) == name) return id;
    return std::nullopt;
}

}  // namespace

SentencePieceFile load_sentencepiece(const std::string& path) {
    const MappedFile file(path);
    if (file.size() > kMostBytes)
        throw FileError(path, fmt::format("{} bytes, at most {} are allowed; is this a "
                                          "SentencePiece model?",
                                          file.size(), kMostBytes));
    const std::string bytes(file.bytes(0, file.size()));
    file.bytes(0, file.size());  // throws if they have gone meanwhile
    std::vector<Piece> pieces;
    Trained trained;
    PieceText text{.collapse_spaces = true};
    Message message(path, bytes, 0);
    while (message.next()) switch (message.field()) {
            case 1:
                if (pieces.size() == kMostPieces)
                    message.refuse(fmt::format("more than {} pieces", kMostPieces));
                pieces.push_back(read_piece(message.message()));
                break;
            case 2:
                trained = read_trained(message.message());
                break;
            case 3:
                text = read_normaliser(message.message());
                break;
            case 5: {
                Message denormaliser = message.message();
                while (denormaliser.next())
                    if (denormaliser.field() == 2 && !denormaliser.text().empty())
                        denormaliser.refuse("rules for denormalising are not supported");
            }
        }
    try {
        SentencePieceFile result;
        if (trained.unigram)
            result.model = std::make_shared<Unigram>(std::move(pieces), std::move(text));
        else
            result.model = std::make_shared<SentencePiece>(std::move(pieces), std::move(text));
        result.bos = find_control(*result.model, trained.bos);
        result.eos = find_control(*result.model, trained.eos);
        return result;
    } catch (const std::invalid_argument& error) {
        throw FileError(path, error.what());
    }
}

}  // namespace gradus
