// SPDX-License-Identifier: MIT
// BPE against the algorithm as the paper states it (count all pairs, merge, repeat), on known
// answers, and on bytes of every kind.
#include "nn/tokenizers/bpe.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>

#include "nn/data/text_source.h"
#include "nn/files/atomic_file.h"
#include "nn/files/tokenizers/merges.h"
#include "nn/tokenizers/pretokens.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/settings.h"

using namespace gradus;

namespace {

using Ids = std::vector<int>;

std::vector<std::string_view> words_of(std::string_view text, Bpe::Split split) {
    return split == Bpe::Split::gpt2 ? split_words(text) : std::vector{text};
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
    for (int round = 0; round < (kSanitized ? 10 : 60); ++round) {
        const std::string text =
                              random_text(random, round % 2 ? "ab c" : "a", 1 + random.below(60)),
                          other = random_text(random, "abc d", random.below(60));
        for (const auto split : {Bpe::Split::none, Bpe::Split::gpt2}) {
            CAPTURE(text);
            const Bpe bpe = Bpe::train(text, 12, split);
            CHECK(bpe.merges() == naive_train(text, 12, split));
            CHECK(bpe.encode(text) == naive_encode(bpe, text));
            CHECK(bpe.encode(other) == naive_encode(bpe, other));
        }
    }
    const std::string text = tales(kSanitized ? 5'000 : 20'000);
    const Bpe bpe = Bpe::train(text, 100);
    CHECK(bpe.merges() == naive_train(text, 100, Bpe::Split::gpt2));
    CHECK(bpe.encode(text) == naive_encode(bpe, text));
    CHECK(bpe.encode(text).size() < text.size() / 2);  // what it is for
}

TEST_CASE("any bytes come back: random ones, emoji, Chinese, and halves of them") {
    Random random(2, Stream::user);
    const std::string seed =
        "The cat sat. 猫坐着。👍🏽 naïve café \r\n\t  don't we'll 1234 ½ Ⅷ";
    for (const auto split : {Bpe::Split::none, Bpe::Split::gpt2}) {
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
    const Bpe bpe({{'a', 'b'}}, Bpe::Split::gpt2, {"<|endoftext|>", "<|pad|>"});
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

namespace {

// The 256 bytes, in an order of their own, then others.
BpeTable small_table(const std::vector<std::string>& more) {
    BpeTable table;
    for (int byte = 255; byte >= 0; --byte) table.tokens.emplace_back(1, static_cast<char>(byte));
    table.tokens.insert(table.tokens.end(), more.begin(), more.end());
    return table;
}

int byte_id(char byte) {
    return 255 - static_cast<unsigned char>(byte);
}

}  // namespace

TEST_CASE("merges with any ids: the list gives the order, and the joined bytes the id") {
    BpeTable table = small_table({"abc", "bc", "", "<s>", "ab"});
    table.merges = {
        {byte_id('a'), byte_id('b')}, {byte_id('b'), byte_id('c')}, {260, byte_id('c')}};
    table.specials = {259};
    const Bpe bpe(table);
    CHECK(bpe.size() == 261);
    CHECK(bpe.encode("abcbcab<s>") == Ids{256, 257, 260, byte_id('<'), byte_id('s'), byte_id('>')});
    CHECK(bpe.decode({256, 259, 258, 257}) == "abcbc");
    CHECK(bpe.specials() == std::vector<std::string>{"", "<s>"});  // the gap is one, too
    CHECK(bpe.special("<s>") == 259);
    CHECK(bpe.is_special(258));
    CHECK_FALSE(bpe.is_special(257));
    CHECK(bpe == Bpe(table));
    CHECK_FALSE(bpe.in_order());  // a merge names a later id
    std::swap(table.merges[0], table.merges[1]);
    CHECK(!(bpe == Bpe(table)));
    CHECK_FALSE(bpe.merges_lowest_id());

    table = small_table({"ab"});
    std::reverse(table.tokens.begin(), table.tokens.begin() + 256);
    table.merges = {{'a', 'b'}};
    CHECK(Bpe(table) == Bpe({{'a', 'b'}}));  // the same tokenizer in the other form
}

TEST_CASE("the lowest id merges first, whichever two tokens make it, as tiktoken does") {
    BpeTable table = small_table({"aa", "ab", "aab", "aaab", "baa"});
    table.merge_lowest_id = true;
    const Bpe bpe(table);
    CHECK(bpe.merges_lowest_id());
    CHECK(bpe.merges().empty());
    CHECK(bpe.encode("aab") == Ids{258});   // aa|b, not a|ab
    CHECK(bpe.encode("aaab") == Ids{259});  // aa|ab is a split of it, too
    CHECK(bpe.encode("baab") == Ids{byte_id('b'), 258});
    CHECK(bpe.encode("caaac") == Ids{byte_id('c'), 256, byte_id('a'), byte_id('c')});

    Random random(4, Stream::user);  // against a search of the whole word for each merge
    for (int round = 0; round < (kSanitized ? 200 : 2000); ++round) {
        const std::string word = random_text(random, "aab", random.below(round % 10 ? 12 : 200));
        std::vector<std::string> parts;
        for (const char c : word) parts.emplace_back(1, c);
        while (true) {
            std::size_t best = 0;
            int lowest = bpe.size();
            for (std::size_t i = 0; i + 1 < parts.size(); ++i)
                for (int id = 256; id < lowest; ++id)
                    if (bpe.token(id) == parts[i] + parts[i + 1]) lowest = id, best = i;
            if (lowest == bpe.size()) break;
            parts[best] += parts[best + 1];
            parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best) + 1);
        }
        Ids expected;
        for (const std::string& part : parts)
            for (int id = 0; id < bpe.size(); ++id)
                if (bpe.token(id) == part) expected.push_back(id);
        CAPTURE(word);
        REQUIRE(bpe.encode(word) == expected);
    }
}

TEST_CASE("a whole word that is a token needs no merges, and added tokens are cut out first") {
    BpeTable table = small_table({"hello", "hell", "<tool>", "<tool>>", "<s>"});
    table.whole_words = true;
    table.specials = {260};
    table.added = {258, 259};
    const Bpe bpe(table);
    CHECK(bpe.encode("hello") == Ids{256});
    CHECK(bpe.encode("hell") == Ids{257});
    CHECK(bpe.encode("lo") == Ids{byte_id('l'), byte_id('o')});
    CHECK(bpe.encode("a<tool>>>hello<tool>") == Ids{byte_id('a'), 259, byte_id('>'), 256, 258});
    CHECK(bpe.decode({258, 260, 257}) == "<tool>hell");
    CHECK_FALSE(bpe.by_words());
    const Ids ids = bpe.encode("<s>");
    CHECK(std::count(ids.begin(), ids.end(), 260) == 0);
}

TEST_CASE("a table that makes no tokenizer is refused in one line") {
    const auto refusal = [](const BpeTable& table) -> std::string {
        try {
            Bpe bpe(table);
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "accepted";
    };
    BpeTable table = small_table({"ab"});
    table.merges = {{0, 1}};
    CHECK(refusal(table) == "bpe: merge 0 makes \"\\xFF\\xFE\", which is not a token");
    table.merges = {{0, 999}};
    CHECK(refusal(table) == "bpe: token 999 is outside 0..256");
    table.merges.assign(2, {byte_id('a'), byte_id('b')});
    CHECK(refusal(table) ==
          fmt::format("bpe: merge 1 joins tokens {} and {} again", byte_id('a'), byte_id('b')));
    table.merge_lowest_id = true;
    CHECK(refusal(table) == "bpe: 2 merges are listed, although the lowest id is to merge first");
    table = small_table({"ab", "ab"});
    CHECK(refusal(table) == "bpe: tokens 256 and 257 are both \"ab\"");
    table = small_table({});
    table.tokens.pop_back();
    CHECK(refusal(table) == "bpe: byte 0 is not a token");
    table = small_table({"<s>"});
    table.specials = {257};
    CHECK(refusal(table) == "bpe: token 257 is outside 0..256");
    table.specials = table.added = {256};
    CHECK(refusal(table) == "bpe: token 256 is special, so it is not cut out of text");
    table = small_table({std::string(513, 'a')});
    table.merge_lowest_id = true;
    CHECK(refusal(table) == "bpe: token 256 has 513 bytes, at most 512 are allowed");
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
        {"h e\n h e\n", "line 2: \" h e\" is not a merge"},
        {"h e\n e\n", "line 2: \" e\" is not a merge"},
        {"h e\nh \n", "line 2: \"h \" is not a merge"},
        {"#version: 0.2\nh e\ne l\nh e\n", "line 4: \"h e\" is the merge of line 2 again"},
        {"h e\ne l\nhe l\nh el\n", "line 4: \"hel\" is a token already"},
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
