// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/sentencepiece_file.h"

#include <doctest/doctest.h>

#include "nn/files/atomic_file.h"
#include "nn/tokenizers/sentencepiece.h"
#include "nn/tokenizers/unigram.h"
#include "tensor/random.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/files/tokenizers/sentencepiece_bytes.h"
#include "tests/nn/tokenizers/small_charsmap.h"
#include "tests/nn/tokenizers/small_pieces.h"
#include "tests/text.h"

using namespace gradus;

namespace {

struct Files {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("tokenizer.model");

    SentencePieceFile load(const std::string& bytes) const {
        write_file(path, bytes);
        return load_sentencepiece(path);
    }
    // The message, without the path.
    std::string error(const std::string& bytes) const {
        const std::string all = file_error([&] { load(bytes); });
        return all.empty() ? all : all.substr(path.size() + 2);
    }
};

}  // namespace

TEST_CASE("a .model file gives the type of model and how its text is prepared") {
    const Files files;
    const std::vector<Piece> pieces = small_pieces();
    const SentencePieceFile bpe = files.load(sentencepiece_bytes(pieces, 2));
    CHECK(dynamic_cast<const SentencePiece*>(bpe.model.get()) != nullptr);
    CHECK(bpe.model->size() == 30);
    CHECK(bpe.bos == 1);
    CHECK(bpe.eos == 2);
    CHECK(bpe.model->piece(9).score == -5.5);
    CHECK(bpe.model->piece(8).type == PieceType::unused);
    // The defaults: spaces are collapsed, and there is one before the text.
    CHECK(ids_of(*bpe.model, "  the   thing ") == std::vector<int>{6, 4, 19, 9});

    const std::string as_is = number_field(3, 0) + number_field(4, 0) + number_field(5, 1);
    const SentencePieceFile uni = files.load(sentencepiece_bytes(pieces, 1, as_is));
    CHECK(dynamic_cast<const Unigram*>(uni.model.get()) != nullptr);
    CHECK(ids_of(*uni.model, "  the") == std::vector<int>{17, 6});

    const std::string rules = text_field(2, charsmap_blob({{"A", "a"}, {"\t", " "}}));
    const SentencePieceFile normalised = files.load(sentencepiece_bytes(pieces, 2, rules));
    CHECK(ids_of(*normalised.model, "A\tAA") == std::vector<int>{10, 10, 24});
    CHECK(ids_of(*normalised.model, "<mask>A") == std::vector<int>{17, 3, 24});
}

TEST_CASE("BOS and EOS are the control pieces of the names that the file gives, if there are any") {
    const Files files;
    std::vector<Piece> pieces = small_pieces();
    const std::string names =
        text_field(2, number_field(3, 2) + text_field(46, "</s>") + text_field(47, "<mask>"));
    const SentencePieceFile other = files.load(pieces_bytes(pieces) + names);
    CHECK(other.bos == 2);
    CHECK_FALSE(other.eos.has_value());  // user-defined
}

TEST_CASE("unknown fields of any type are skipped, and of known ones the last counts") {
    const Files files;
    const std::string odd = number_field(1000, ~0ULL) + text_field(200, "text") +
                            real_field(201, 1) + "\x99\x0C" + "12345678";  // 195: 8 bytes
    const std::string bytes = odd + sentencepiece_bytes(small_pieces(), 1, odd) + odd +
                              text_field(2, odd + number_field(3, 2)) + odd;
    CHECK(dynamic_cast<const SentencePiece*>(files.load(bytes).model.get()) != nullptr);
}

TEST_CASE("what is not supported, or not a model, is refused with the offset") {
    const Files files;
    const std::string pieces = pieces_bytes(small_pieces());
    const auto at = [&](std::size_t more) { return std::to_string(pieces.size() + more); };
    const auto trained = [&](const std::string& fields) {
        return files.error(pieces + text_field(2, fields));
    };
    const auto normaliser = [&](const std::string& fields) {
        return files.error(pieces + text_field(3, fields));
    };
    const std::string hint = "; is this a SentencePiece model?";
    CHECK(trained(number_field(3, 4)) ==
          "offset " + at(2) + ": a model of type 4, must be 1 (unigram) or 2 (BPE)" + hint);
    CHECK(trained(number_field(24, 1)) ==
          "offset " + at(2) + ": spaces after words are not supported" + hint);
    CHECK(normaliser(number_field(5, 0)) ==
          "offset " + at(2) + ": spaces as such in pieces are not supported" + hint);
    CHECK(normaliser(text_field(2, "xyz")) ==
          "offset " + at(2) + ": charsmap: 3 bytes, but its size alone takes 4" + hint);
    CHECK(files.error(pieces + text_field(5, text_field(2, "x"))) ==
          "offset " + at(2) + ": rules for denormalising are not supported" + hint);
    CHECK(files.error(text_field(1, number_field(3, 7))) == "offset 2: a piece of type 7" + hint);
    CHECK(files.error(text_field(1, number_field(1, 7))) ==
          "offset 2: field 1 has a value of type 0, must be 2" + hint);
    CHECK(files.error("") ==
          "pieces: there is neither a piece of type unknown nor one for each "
          "byte, so most text would have no tokens");
    CHECK(files.error(text_field(1, text_field(1, "a\n\x1B"))) ==
          "pieces: there is neither a piece of type unknown nor one for each byte, so most text "
          "would have no tokens");
    CHECK(files.error(pieces + pieces_bytes({{"in\x1B"}, {"in"}})) ==
          "pieces: piece 31, \"in\", is there twice");
    CHECK(files.error("\x80") == "offset 0: a number is cut short" + hint);
    CHECK(files.error(std::string(11, '\xFF')) ==
          "offset 0: a number has more than ten bytes" + hint);
    CHECK(files.error("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x01") ==
          "offset 0: field 1 has 18446744073709551615 bytes, but 0 are left" + hint);
    CHECK(files.error("{\"version\"") == "offset 0: a value of type 3 is not supported" + hint);
    CHECK(files.error(std::string("\x02\x00", 2)) == "offset 0: field 0 does not exist" + hint);
    CHECK(contains(file_error([&] { load_sentencepiece(files.folder.file("none")); }), "none: "));
}

TEST_CASE("a .model file cut short or damaged is refused, or is another model (1 s: 1200 files)") {
    const Files files;
    Random random(20241107, Stream::user);
    const std::string good = sentencepiece_bytes(
        small_pieces(), 1, text_field(2, charsmap_blob({{"A", "a"}})) + number_field(3, 1));
    int refused = 0;
    const auto try_it = [&](const std::string& bytes) {
        try {
            const SentencePieceFile file = files.load(bytes);
            file.model->decode(ids_of(*file.model, "the A <mask> \xFF 中"));
        } catch (const FileError&) {
            ++refused;
        }
    };
    const std::size_t pieces = pieces_bytes(small_pieces()).size();
    for (std::size_t i = 0; i < 200; ++i) try_it(good.substr(0, i < 100 ? i * 5 : i * 11));
    CHECK(refused > 100);
    refused = 0;
    for (int i = 0; i < 1000; ++i) {
        std::string bytes = good;
        bytes[random.below(i % 4 ? pieces + 60 : bytes.size())] =
            static_cast<char>(random.below(256));
        try_it(bytes);
    }
    CHECK(refused > 300);
}
