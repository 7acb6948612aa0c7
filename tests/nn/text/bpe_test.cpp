// SPDX-License-Identifier: MIT
// BPE against the algorithm as the paper states it (count all pairs, merge, repeat), on known
// answers, and on bytes of every kind.
#include "nn/text/bpe.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

#include "nn/data/text_source.h"
#include "nn/files/atomic_file.h"
#include "nn/files/merges.h"
#include "nn/text/pretokens.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Ids = std::vector<int>;

std::vector<std::string_view> words_of(std::string_view text, Bpe::Split split) {
    return split == Bpe::Split::words ? split_words(text) : std::vector{text};
}

Ids bytes_of(std::string_view text) {
    Ids ids;
    for (const char c : text) ids.push_back(static_cast<unsigned char>(c));
    return ids;
}

Ids merged(const Ids& ids, Bpe::Pair pair, int token) {
    Ids out;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (i + 1 < ids.size() && ids[i] == pair.first && ids[i + 1] == pair.second) {
            out.push_back(token);
            ++i;
        } else {
            out.push_back(ids[i]);
        }
    return out;
}

std::vector<Bpe::Pair> naive_train(std::string_view text, int merges, Bpe::Split split) {
    std::vector<Ids> words;
    for (const auto word : words_of(text, split)) words.push_back(bytes_of(word));
    std::vector<Bpe::Pair> learnt;
    while (static_cast<int>(learnt.size()) < merges) {
        std::map<Bpe::Pair, int> counts;
        for (const Ids& word : words)
            for (std::size_t i = 0; i + 1 < word.size(); ++i) ++counts[{word[i], word[i + 1]}];
        const auto best =
            std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                return a.second < b.second;  // the first of the largest: the lowest pair
            });
        if (best == counts.end() || best->second < 2) break;
        learnt.push_back(best->first);
        for (Ids& word : words)
            word = merged(word, best->first, 255 + static_cast<int>(learnt.size()));
    }
    return learnt;
}

Ids naive_encode(const Bpe& bpe, std::string_view text) {
    Ids all;
    for (const auto word : words_of(text, bpe.split())) {
        Ids ids = bytes_of(word);
        for (std::size_t i = 0; i < bpe.merges().size(); ++i)
            ids = merged(ids, bpe.merges()[i], 256 + static_cast<int>(i));
        all.insert(all.end(), ids.begin(), ids.end());
    }
    return all;
}

std::string random_text(Random& random, std::string_view alphabet, std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += alphabet[random.below(alphabet.size())];
    return text;
}

std::string random_bytes(Random& random, std::size_t length) {
    std::string text;
    for (std::size_t i = 0; i < length; ++i) text += static_cast<char>(random.below(256));
    return text;
}

std::string tales(std::size_t bytes) {
    const auto source = text_source("tales");
    std::string text;
    for (std::uint64_t i = 0; text.size() < bytes; ++i) text += source->document(1, i) + "\n";
    text.resize(bytes);
    return text;
}

}  // namespace

TEST_CASE("aaabdaaabac with three merges, as in the article that BPE is known from") {
    const Bpe bpe = Bpe::train("aaabdaaabac", 3, Bpe::Split::none);
    CHECK(bpe.size() == 259);
    CHECK(bpe.encode("aaabdaaabac") == Ids{258, 100, 258, 97, 99});
    CHECK(bpe.token(256) == "aa");
    CHECK(bpe.token(258) == "aaab");
    CHECK(bpe.decode({258, 100, 258, 97, 99}) == "aaabdaaabac");
}

TEST_CASE("merges and ids are those of the plain algorithm") {
    Random random(1, Stream::user);
    for (int round = 0; round < 60; ++round) {
        const std::string text =
                              random_text(random, round % 2 ? "ab c" : "a", 1 + random.below(60)),
                          other = random_text(random, "abc d", random.below(60));
        for (const auto split : {Bpe::Split::none, Bpe::Split::words}) {
            CAPTURE(text);
            const Bpe bpe = Bpe::train(text, 12, split);
            CHECK(bpe.merges() == naive_train(text, 12, split));
            CHECK(bpe.encode(text) == naive_encode(bpe, text));
            CHECK(bpe.encode(other) == naive_encode(bpe, other));
        }
    }
    const std::string text = tales(20'000);
    const Bpe bpe = Bpe::train(text, 100);
    CHECK(bpe.merges() == naive_train(text, 100, Bpe::Split::words));
    CHECK(bpe.encode(text) == naive_encode(bpe, text));
    CHECK(bpe.encode(text).size() < text.size() / 2);  // what it is for
}

TEST_CASE("any bytes come back: random ones, emoji, Chinese, and halves of them") {
    Random random(2, Stream::user);
    const std::string seed =
        "The cat sat. 猫坐着。👍🏽 naïve café \r\n\t  don't we'll 1234 ½ Ⅷ";
    for (const auto split : {Bpe::Split::none, Bpe::Split::words}) {
        const Bpe bpe = Bpe::train(seed + seed + tales(3000), 200, split);
        CHECK(bpe.decode(bpe.encode(seed)) == seed);
        for (std::size_t cut = 0; cut < seed.size(); ++cut)
            CHECK(bpe.decode(bpe.encode(seed.substr(cut))) == seed.substr(cut));
        int wrong = 0;
        for (int i = 0; i < (kSanitized ? 5'000 : 50'000); ++i) {
            const std::string bytes = random_bytes(random, random.below(24));
            wrong += bpe.decode(bpe.encode(bytes)) != bytes;
        }
        CHECK(wrong == 0);
        CHECK(bpe.encode("").empty());
    }
}

TEST_CASE("text is split as GPT-2 splits it") {
    const std::pair<const char*, std::vector<std::string_view>> known[] = {
        {"Hello world", {"Hello", " world"}},
        {"  two  spaces ", {" ", " two", " ", " spaces", " "}},
        {"I'll don't WE'LL 's", {"I", "'ll", " don", "'t", " WE", "'", "LL", " '", "s"}},
        {"a1b22 3.14!?", {"a", "1", "b", "22", " 3", ".", "14", "!?"}},
        {"line\n\n  next", {"line", "\n\n ", " next"}},
        {"naïve 猫坐着。½", {"naïve", " 猫坐着", "。", "½"}},
        {"tab\tx", {"tab", "\t", "x"}},
        {" ", {" "}},
        {"\xff\xfe go", {"\xff\xfe", " go"}},
    };
    for (const auto& example : known) {
        CAPTURE(example.first);
        CHECK(split_words(example.first) == example.second);
    }
    Random random(3, Stream::user);
    for (int i = 0; i < 2000; ++i) {
        const std::string text = random_text(random, "ab 1'\n\t.st\xC3\xA9", random.below(30));
        std::string joined;
        for (const auto piece : split_words(text)) {
            CHECK_FALSE(piece.empty());
            joined += piece;
        }
        CHECK(joined == text);
    }
}

TEST_CASE("512 merges of 1 MB take less than 2 s, and 200 kB of one letter as a single word, too") {
    if (kSanitized) return;
    const auto seconds = [](auto body) {
        const auto start = std::chrono::steady_clock::now();
        body();
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    };
    const std::string text = tales(1'000'000), same(200'000, 'a');
    Bpe bpe;
    CHECK(seconds([&] { bpe = Bpe::train(text, 512); }) < 2);
    CHECK(bpe.size() > 300);
    Ids ids;
    CHECK(seconds([&] { ids = bpe.encode(text); }) < 1);
    CHECK(bpe.decode(ids) == text);
    CHECK(seconds([&] { bpe = Bpe::train(same, 20, Bpe::Split::none); }) < 2);
    CHECK(seconds([&] { ids = bpe.encode(same); }) < 2);
    CHECK(bpe.decode(ids) == same);
}

TEST_CASE("special tokens have ids of their own and never come out of text") {
    const Bpe bpe({{'a', 'b'}}, Bpe::Split::words, {"<|endoftext|>", "<|pad|>"});
    CHECK(bpe.size() == 259);
    CHECK(bpe.special("<|endoftext|>") == 257);
    CHECK(bpe.special("<|pad|>") == 258);
    CHECK(bpe.token(258) == "<|pad|>");
    const Ids ids = bpe.encode("ab<|endoftext|>");
    CHECK(std::count(ids.begin(), ids.end(), 257) == 0);
    CHECK(bpe.decode(ids) == "ab<|endoftext|>");
    CHECK(bpe.decode({256, 257, 'c'}) == "abc");
}

TEST_CASE("what cannot be a tokenizer is refused in one line") {
    CHECK_THROWS_WITH_AS(Bpe({{97, 256}}),
                         "bpe: merge 0 joins tokens 97 and 256, but there are only 256 before it",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Bpe({{97, 98}, {97, 98}}), "bpe: merge 1 joins tokens 97 and 98 again",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Bpe({}, Bpe::Split::none, {}, {1, 2}), "bpe: 2 bytes, must be 256",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Bpe::train("text", -1), "bpe: -1 merges, must be at least 0",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Bpe().decode({256}), "bpe: token 256 is outside 0..255",
                         std::invalid_argument);
    CHECK_THROWS_WITH_AS(Bpe().special("<s>"), "bpe: there is no special token \"<s>\"",
                         std::invalid_argument);
}

TEST_CASE("a merges file is read, and each fault is named with its line") {
    const TemporaryFolder folder;
    const std::string path = folder.file("merges.txt");
    write_file(path, "#version: 0.2\n\xC4\xA0 t\nh e\n\xC4\xA0t he\n");
    const Bpe bpe = load_merges(path);
    CHECK(bpe.size() == 256 + 3 + 1);
    CHECK(bpe.encode(" the the") == Ids{258, 258});
    CHECK(bpe.token(258) == " the");
    CHECK(bpe.encode("!") == Ids{0});
    CHECK(bpe.encode(" ") == Ids{220});
    CHECK(bpe.special("<|endoftext|>") == 259);
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(bpe.decode(bpe.encode(all)) == all);

    const std::pair<const char*, const char*> faults[] = {
        {"#version: 0.2\nh e\nhe x y\n", "line 3: \"he x y\" is not a merge"},
        {"h e\n\nx y\n", "line 2: \"\" is not a merge"},
        {"h e\nth e\n", "line 2: \"th\" is not a token of an earlier line"},
        {"h e\nh e\n", "line 2: \"he\" is a token already"},
    };
    for (const auto& [text, message] : faults) {
        write_file(path, text);
        CHECK_THROWS_WITH_AS(load_merges(path), doctest::Contains(message), FileError);
    }
}

TEST_CASE("GPT-2's own file gives GPT-2's ids") {
    const char* data = std::getenv("GRADUS_DATA");
    if (!data || !*data) {
        MESSAGE("GRADUS_DATA is unset or empty: a folder with gpt2/merges.txt is needed");
        return;
    }
    const Bpe bpe = load_merges(std::string(data) + "/gpt2/merges.txt");
    CHECK(bpe.size() == 50257);
    CHECK(bpe.special("<|endoftext|>") == 50256);
    CHECK(bpe.encode("Hello, world!") == Ids{15496, 11, 995, 0});
    CHECK(bpe.encode("The quick brown fox") == Ids{464, 2068, 7586, 21831});
    CHECK(bpe.decode({15496, 995}) == "Hello world");
}
