// SPDX-License-Identifier: MIT
// A text that arrives in pieces gives the tokenizer and the tokens of the whole text.
#include "nn/tokenizers/token_stream.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "nn/data/text_data.h"
#include "nn/data/text_source.h"
#include "nn/files/atomic_file.h"
#include "nn/progress.h"
#include "nn/text/utf8.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Kind = Tokenizer::Kind;

// Whatever may be cut in the wrong place: white space of all kinds, contractions, digits, Chinese.
std::string hard_text(Random& random, int length) {
    const std::vector<std::string> parts = {" ",  "  ", "\n", "\t",   "\u3000", "'",  "'l", "l",
                                            "ll", "we", "é",  "成语", "，",     "12", "!",  "👍"};
    std::string text;
    for (int i = 0; i < length; ++i) text += parts[random.below(parts.size())];
    return text;
}

// Cut at random places between characters.
std::vector<std::string> pieces(const std::string& text, Random& random) {
    std::vector<std::string> all = {""};
    for (std::size_t i = 0; i < text.size();) {
        const auto bytes =
            static_cast<std::size_t>(utf8_step(std::string_view(text).substr(i)).bytes);
        if (random.below(3) == 0) all.emplace_back();
        all.back() += text.substr(i, bytes);
        i += bytes;
    }
    return all;
}

}  // namespace

TEST_CASE("words of a text in pieces are those of the whole text") {
    Random random(1, Stream::user);
    for (int round = 0; round < 3000; ++round) {
        const std::string text = hard_text(random, 1 + round % 12);
        CAPTURE(text);
        const auto whole = split_words(text);
        std::vector<std::string> words;
        WordStream stream([&](std::string_view word) { words.emplace_back(word); });
        for (const auto& piece : pieces(text, random)) stream.feed(piece);
        stream.finish();
        REQUIRE(words == std::vector<std::string>(whole.begin(), whole.end()));
    }
}

TEST_CASE("a word of 16 MB in pieces is not looked at again for each" * kFullSpeedOnly) {
    std::size_t longest = 0;
    WordStream stream([&](std::string_view word) { longest = std::max(longest, word.size()); });
    const std::string piece(1 << 14, 'a');  // 1024 times: 8 GB if each piece looked at all of them
    for (int i = 0; i < 1024; ++i) stream.feed(piece);
    stream.finish();
    CHECK(longest == 1 << 24);
}

TEST_CASE(
    "a tokenizer learnt in pieces, and what it makes of pieces, are those of the whole text") {
    Random random(2, Stream::user);
    const std::string text = hard_text(random, 2000);
    for (const TokenizerChoice choice :
         {TokenizerChoice{Kind::characters}, {Kind::bytes}, {Kind::bpe, 90}}) {
        TokenizerLearner learner(choice);
        for (const auto& piece : pieces(text, random)) learner.feed(piece);
        const Tokenizer tokenizer = learner.finish();
        CHECK(tokenizer == (choice.kind == Kind::bpe     ? Tokenizer::bpe(Bpe::train(text, 90))
                            : choice.kind == Kind::bytes ? Tokenizer::bytes()
                                                         : Tokenizer::characters(text)));
        TokenStream stream(tokenizer);
        for (int again = 0; again < 2; ++again) {
            std::vector<int> ids;
            const auto append = [&](const std::vector<int>& more) {
                ids.insert(ids.end(), more.begin(), more.end());
            };
            for (const auto& piece : pieces(text, random)) append(stream.feed(piece));
            append(stream.finish());
            CHECK(ids == tokenizer.encode(text));
            CHECK(learner.tokens() == static_cast<Index>(ids.size()));
        }
    }
}

TEST_CASE("a stream remembers a bounded number of words, and none that is long") {
    const Tokenizer tokenizer = Tokenizer::bpe(Bpe::train("aaabdaaabac", 3));
    TokenStream stream(tokenizer);
    const std::string long_word(100, 'x');
    std::string text;
    std::size_t most = 0;
    std::vector<int> ids;
    for (int i = 0; i < 20; ++i) {
        std::string piece;
        for (int word = 0; word < 1000; ++word) piece += fmt::format(" {}", 1000 * i + word);
        text += piece += ' ' + long_word + std::to_string(i);
        for (const int id : stream.feed(piece)) ids.push_back(id);
        most = std::max(most, stream.known());
    }
    for (const int id : stream.finish()) ids.push_back(id);
    CHECK(ids == tokenizer.encode(text));
    CHECK(most > TokenStream::kMostKnown - 1000);
    CHECK(most <= TokenStream::kMostKnown);
    CHECK(stream.known() < 20'000 - TokenStream::kMostKnown + 100);

    TokenStream other(tokenizer);
    other.feed(long_word + " a b c");
    other.finish();
    CHECK(other.known() == 3);
}

TEST_CASE("a tokenizer that does not split waits for the whole text") {
    const Tokenizer tokenizer = Tokenizer::bpe(Bpe::train("aaabdaaabac", 3, Bpe::Split::none));
    TokenStream stream(tokenizer);
    CHECK(stream.feed("aaabda").empty());
    CHECK(stream.feed("aabac").empty());
    CHECK(stream.finish() == std::vector<int>{258, 100, 258, 97, 99});
}

TEST_CASE("a tokenizer that cuts tokens out of text waits for the whole text, too") {
    BpeTable table;
    for (int byte = 0; byte < 256; ++byte) table.tokens.emplace_back(1, static_cast<char>(byte));
    table.tokens.emplace_back("a b");
    table.added = {256};
    const Tokenizer tokenizer = Tokenizer::bpe(Bpe(table));
    TokenStream stream(tokenizer);
    CHECK(stream.feed("xa").empty());
    CHECK(stream.feed(" b").empty());
    CHECK(stream.finish() == std::vector<int>{'x', 256});
    CHECK_THROWS_WITH_AS(TokenizerLearner({Kind::other}),
                         "tokenizer: only characters, bytes and merges are learnt",
                         std::invalid_argument);
}

TEST_CASE("training data in each kind of tokens") {
    const TemporaryFolder folder;
    const std::string path = folder.file("text");
    std::string text;
    for (int i = 0; i < 400; ++i) text += fmt::format("第{}页 the cat sat on the mat\n", i);
    write_file(path, text);
    for (const std::string& name : {path, std::string("names"), std::string("tales-zh")})
        for (const TokenizerChoice choice :
             {TokenizerChoice{Kind::characters}, {Kind::bytes}, {Kind::bpe, 300}}) {
            if (kSanitized && choice.kind == Kind::bpe && name != path) continue;
            CAPTURE(name);
            TextData data(name, choice, 1);
            const Tokenizer& tokenizer = data.tokenizer();
            CAPTURE(tokenizer.kind_name());
            CHECK(tokenizer.kind() == choice.kind);
            CHECK((data.floor() > 0) == (choice.kind != Kind::bpe && name != path));
            CHECK(utf8_valid_prefix(data.prompt()) == data.prompt().size());
            tokenizer.encode(data.prompt());
            const Index T = data.source() ? data.longest() : 16;
            data.require_context(T);
            const Batch batch = data.batch(3, 4, T);
            CHECK(batch.inputs.shape == Shape{4, T});
            CHECK(data.validation(false, 4, T).size() > 1);
            if (name != path) continue;
            std::string held_out;  // window after window, the last tenth of the tokens
            for (const Batch& window : data.validation(true, 1, T))
                held_out += tokenizer.decode(window.inputs.id);
            CHECK(held_out.size() > text.size() / 12);
            CHECK(text.rfind(held_out) != std::string::npos);
            CHECK(text.rfind(held_out) > text.size() * 8 / 10);
        }
}

TEST_CASE("data with a tokenizer that was learnt elsewhere: the same text, and its own layout") {
    const TemporaryFolder folder;
    std::string text;
    for (int i = 0; i < 200; ++i) text += "the cat sat on the mat. ";
    write_file(folder.file("text.txt"), text);
    const Tokenizer merges = Tokenizer::bpe(Bpe::train(text, 20, Bpe::Split::none));
    const std::size_t tokens = merges.encode(text).size();
    TextData file(merges, folder.file("text.txt"), 1);
    CHECK(file.tokenizer() == merges);
    CHECK(file.held_out() == static_cast<Index>(tokens - tokens * 9 / 10));

    TextData tales(Tokenizer(), "tales-zh", 1);
    const Batch usual = tales.batch(3, 2, 0);
    tales.lay_out = [](const std::vector<std::vector<int>>& documents, int start) {
        return document_batch(documents, start);
    };
    const Batch other = tales.batch(3, 2, 0);
    CHECK(other.inputs.shape[1] <= usual.inputs.shape[1]);
    CHECK(std::count_if(other.targets.id.begin(), other.targets.id.end(), [](int id) {
              return id >= 0;
          }) == std::count_if(usual.targets.id.begin(), usual.targets.id.end(), [](int id) {
              return id >= 0;
          }));
}

TEST_CASE("a choice of tokens is a word, and anything else is refused") {
    for (const std::string words : {"characters", "bytes", "bpe:1", "bpe:100000"})
        CHECK(TokenizerChoice::of(words).words() == words);
    CHECK(TokenizerChoice::of("bpe:2000").merges == 2000);
    for (const std::string words : {"", "BYTES", "bytes ", "bpe", "character", "a\nb", "\x1b[2J"})
        CHECK_THROWS_WITH(
            TokenizerChoice::of(words),
            fmt::format("tokenizer {} is not known (known: characters, bytes, bpe:N, or a "
                        "file or folder that has one)",
                        in_quotes(words))
                .c_str());
    for (const std::string words : {"bpe:", "bpe:0", "bpe:-1", "bpe:+1", "bpe: 1", "bpe:1.5",
                                    "bpe:100001", "bpe:99999999999"})
        CHECK_THROWS_WITH(
            TokenizerChoice::of(words),
            fmt::format("tokenizer {}: the number of merges must be from 1 to 100000 (bpe:2000)",
                        in_quotes(words))
                .c_str());
}

TEST_CASE("reading a file tells how much of the work is done, never less than before" *
          kFullSpeedOnly) {
    const TemporaryFolder folder;
    std::string text;  // of more than two pieces
    for (int i = 0; text.size() < 2'200'000; ++i)
        text += fmt::format("第{}页 the cat sat on the mat\n", i % 50);
    write_file(folder.file("text"), text);
    for (const char* words : {"characters", "bytes", "bpe:50"}) {
        CAPTURE(words);
        std::vector<double> told;
        const Progress listening([&](double done) { told.push_back(done); });
        const TextData data(folder.file("text"), TokenizerChoice::of(words), 1);
        CHECK(told.size() >= 6);
        CHECK(std::is_sorted(told.begin(), told.end()));
        CHECK(told.front() > 0);
        CHECK(told.front() < 0.3);
        CHECK(told.back() == doctest::Approx(1));
        told.clear();
        const TextData again(data.tokenizer(), folder.file("text"), 1);
        CHECK(std::is_sorted(told.begin(), told.end()));
        CHECK(told.back() == doctest::Approx(1));
    }
}
