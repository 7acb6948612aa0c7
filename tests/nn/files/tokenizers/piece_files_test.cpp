// SPDX-License-Identifier: MIT
#include "nn/files/tokenizers/piece_files.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "nn/files/atomic_file.h"
#include "tensor/random.h"
#include "tests/nn/files/cut_meanwhile.h"
#include "tests/nn/files/file_error.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/nn/tokenizers/small_pieces.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

struct Files {
    TemporaryFolder folder{memory_folder()};
    std::string path = folder.file("vocabulary");

    std::string write(const std::string& bytes) const {
        write_file(path, bytes);
        return path;
    }
    WordPiece txt(const std::string& bytes) const { return load_vocab_txt(write(bytes)); }
    SentencePiece bin(const std::string& bytes, int tokens) const {
        return load_tokenizer_bin(write(bytes), tokens);
    }
    // The messages, without the path.
    std::string txt_error(const std::string& bytes) const {
        return error([&] { txt(bytes); });
    }
    std::string bin_error(const std::string& bytes, int tokens) const {
        return error([&] { bin(bytes, tokens); });
    }
    std::string error(const std::function<void()>& action) const {
        const std::string all = file_error(action);
        return all.empty() ? all : all.substr(path.size() + 2);
    }
};

std::string word(std::int32_t value) {
    std::string bytes(4, '\0');
    std::memcpy(bytes.data(), &value, 4);
    return bytes;
}

// As export.py writes it: "\n<s>\n" for BOS, and spaces for U+2581.
std::string tokenizer_bin(const std::vector<Piece>& pieces) {
    std::string bytes = word(6);
    for (std::size_t id = 0; id < pieces.size(); ++id) {
        std::string text = pieces[id].text;
        for (std::size_t at; (at = text.find("▁")) != text.npos;) text.replace(at, 3, " ");
        if (id == 1 || id == 2) text = "\n" + text + "\n";
        std::int32_t score;
        const float value = static_cast<float>(pieces[id].score);
        std::memcpy(&score, &value, 4);
        bytes += word(score) + word(static_cast<std::int32_t>(text.size())) + text;
    }
    return bytes;
}

}  // namespace

TEST_CASE("a line of vocab.txt is a token, and its number from 0 the id") {
    const Files files;
    const WordPiece model = files.txt("[PAD]\n[UNK]\nthe\n##s\r\n中");
    CHECK(model.size() == 5);
    CHECK(ids_of(model, "Thes the 中x") == std::vector<int>{2, 3, 2, 4, 1});
    CHECK(model.is_special(0));
    const WordPiece cased =
        load_vocab_txt(files.path, {.strip_accents = false, .lowercase = false});
    CHECK(ids_of(cased, "Thes thes") == std::vector<int>{1, 2, 3});
}

TEST_CASE("a file that cannot be a vocab.txt is refused with the line") {
    const Files files;
    CHECK(files.txt_error("[UNK]\n\nthe\n") == "line 2: is empty, must be a token");
    CHECK(files.txt_error("[UNK]\nth\xFF\n") ==
          "not UTF-8: byte 0xFF at offset 8 (line 2, column 3)");
    CHECK(files.txt_error("[UNK]\na\x1B\na\x1B\n") ==
          "wordpiece: token 2, \"a\\x1B\", is there twice (token 0 is on line 1); is this BERT's "
          "vocab.txt?");
    CHECK(files.txt_error("") ==
          "wordpiece: there is no token \"[UNK]\" (token 0 is on line 1); is "
          "this BERT's vocab.txt?");
}

TEST_CASE("llama2.c's tokenizer.bin is a SentencePiece model whose types follow from its names") {
    const Files files;
    std::vector<Piece> pieces = {{"<unk>"}, {"<s>"}, {"</s>"}};
    for (int byte = 0; byte < 256; ++byte) pieces.push_back({fmt::format("<0x{:02X}>", byte)});
    for (const Piece& piece : small_pieces())
        if (piece.type == PieceType::normal) pieces.push_back(piece);
    const int tokens = static_cast<int>(pieces.size());
    const SentencePiece model = files.bin(tokenizer_bin(pieces), tokens);
    CHECK(model.size() == tokens);
    CHECK(model.token(1) == "<s>");
    CHECK(model.is_special(1));
    CHECK(model.is_special(2));
    CHECK_FALSE(model.is_special(0));
    CHECK(model.token(3 + 'A') == "A");
    CHECK(model.piece(259).text == "▁t");
    CHECK(model.piece(259).score == -1);
    const std::vector<int> the = ids_of(model, "the");
    CHECK(the.size() == 1);
    CHECK(model.piece(the[0]).text == "▁the");
    CHECK(model.decode(ids_of(model, "the\n<s>中 x")) == "the\n<s>中 x");
    for (const int id : ids_of(model, "\n<s>\n<0x41>")) CHECK_FALSE(model.is_special(id));
}

TEST_CASE("a tokenizer.bin has as many tokens as asked for, neither more nor fewer") {
    const Files files;
    const std::vector<Piece> pieces = small_pieces();
    const std::string good = tokenizer_bin(pieces);
    CHECK(files.bin_error(good, 30) == "");
    CHECK(files.bin_error(good, 29) ==
          "offset 304: 29 tokens end here, but 11 bytes follow; how many tokens does the model "
          "have?");
    CHECK(files.bin_error(good, 31) ==
          "offset 315: token 30 of 31 needs 4 more bytes, but 0 are left; is this llama2.c's "
          "tokenizer.bin, and of a model with so many tokens?");
    CHECK(files.bin_error("", 1) ==
          "offset 0: token 0 of 1 needs 4 more bytes, but 0 are left; is this llama2.c's "
          "tokenizer.bin, and of a model with so many tokens?");
    CHECK(files.bin_error(word(6) + word(0) + word(-1), 1) ==
          "offset 8: token 0 has a length of -1");
    CHECK(files.bin_error(word(6) + word(0) + word(2000000000), 1) ==
          "offset 12: token 0 of 1 needs 2000000000 more bytes, but 0 are left; is this llama2.c's "
          "tokenizer.bin, and of a model with so many tokens?");
    CHECK(files.bin_error(word(6) + word(0x7FC00000) + word(1) + "a", 1) ==
          "pieces: piece 0, \"a\", has a score that is not finite");
    CHECK(files.bin_error(word(6) + word(0) + word(0), 1) == "pieces: piece 0, \"\", has no text");
    CHECK_THROWS_WITH_AS(files.bin(good, 0), "load_tokenizer_bin: 0 tokens, must be at least 1",
                         std::invalid_argument);
}

TEST_CASE("a tokenizer.bin cut short or damaged is refused, or is another one (1 s: 1200 files)") {
    const Files files;
    Random random(20241108, Stream::user);
    const std::string good = tokenizer_bin(small_pieces());
    int refused = 0;
    const auto try_it = [&](const std::string& bytes) {
        try {
            ids_of(files.bin(bytes, 30), "the and \xFF 中");
        } catch (const FileError&) {
            ++refused;
        }
    };
    for (std::size_t i = 0; i < 200; ++i) try_it(good.substr(0, i));
    CHECK(refused == 200);
    for (int i = 0; i < 1000; ++i) {
        std::string bytes = good;
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        try_it(bytes);
    }
    CHECK(refused > 400);
    CHECK(refused < 1000);
}

TEST_CASE("a vocab.txt cut short or damaged is refused, or is another one (1 s: 1200 files)") {
    const Files files;
    Random random(20241109, Stream::user);
    const std::string good = "[UNK]\nthe\n##s\nété\n中\n##a\nrun\n";
    int refused = 0;
    const auto try_it = [&](const std::string& bytes) {
        try {
            ids_of(files.txt(bytes), "thes run 中 \xFF");
        } catch (const FileError&) {
            ++refused;
        }
    };
    for (std::size_t i = 0; i < 200; ++i) try_it(good.substr(0, i % good.size()));
    for (int i = 0; i < 1000; ++i) {
        std::string bytes = good;
        bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
        try_it(bytes);
    }
    CHECK(refused > 300);
    CHECK(refused < 1000);
}

TEST_CASE("a vocabulary that is cut while it is copied is refused, not read as zeros") {
    // Many tokens as long as they may be, so that reading is mostly the copy.
    std::vector<std::string> tokens = {"<unk>", "<s>", "</s>"};
    for (int i = 0; i < (kSanitized ? 256 : 2048); ++i) {
        tokens.push_back(std::to_string(i));
        tokens.back().resize(512, 'x');
    }
    std::string file(4, '\0');
    for (const std::string& text : tokens) {
        file.append(4, '\0');
        for (int i = 0; i < 4; ++i) file += static_cast<char>(text.size() >> 8 * i);
        file += text;
    }
    const int last = static_cast<int>(tokens.size()) - 1;
    CHECK(wrong_when_cut(
              file,
              [&](const std::string& path) {
                  return load_tokenizer_bin(path, last + 1).token(last) == tokens.back();
              },
              0.15) == 0);
}
