// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include <fmt/ranges.h>

#include "lessons/15-tokens/tales.h"
#include "nn/tokenizers/bpe.h"

namespace gradus::lesson_15 {
namespace {

using Numbers = std::vector<Real>;
using Ids = std::vector<int>;

Numbers numbers(const Ids& ids) {
    return {ids.begin(), ids.end()};
}

Numbers numbers(const std::string& text) {
    Numbers all;
    for (const char c : text) all.push_back(static_cast<unsigned char>(c));
    return all;
}

Numbers numbers(const Merges& merges) {
    Numbers all;
    for (const auto& [left, right] : merges) all.push_back(left), all.push_back(right);
    return all;
}

std::string listed(const Numbers& list) {
    return list.empty() ? "empty" : fmt::format("{}", fmt::join(list, " "));
}

// Lists of different lengths are shown whole if they are short, else from where they first differ.
Comparison same_list(const std::string& name, const Numbers& yours, const Numbers& expected) {
    Comparison result = named({name}, same(yours, expected));
    if (yours.size() == expected.size()) return result;
    if (std::max(yours.size(), expected.size()) <= 16) {
        result.words = fmt::format("yours is {}, expected {}", listed(yours), listed(expected));
        return result;
    }
    std::size_t at = 0;
    while (at < std::min(yours.size(), expected.size()) && yours[at] == expected[at]) ++at;
    const auto from = [at](const Numbers& list) {
        if (at == list.size()) return std::string("there it ends");
        const auto begin = list.begin() + static_cast<std::ptrdiff_t>(at);
        return listed(Numbers(begin, begin + std::min<std::ptrdiff_t>(5, list.end() - begin)));
    };
    result.words = fmt::format(
        "yours has {} values, expected {}; from element {} on, yours: {}, "
        "expected: {}",
        yours.size(), expected.size(), at, from(yours), from(expected));
    return result;
}

Comparison same_ids(const Ids& yours, const Ids& expected) {
    return same_list("the ids", numbers(yours), numbers(expected));
}

Comparison same_bytes(const std::string& yours, const std::string& expected) {
    return same_list("the bytes", numbers(yours), numbers(expected));
}

Comparison same_pair(Pair yours, Pair expected) {
    return named({"the left token", "the right token"},
                 same(numbers(Merges{yours}), numbers(Merges{expected})));
}

Comparison same_merges(const Merges& yours, const Merges& expected) {
    if (yours.size() != expected.size()) {
        std::string words = fmt::format("yours has {} merge{}, expected {}", yours.size(),
                                        yours.size() == 1 ? "" : "s", expected.size());
        const char* before = "; yours: ";
        for (std::size_t i = 0; i < yours.size() && yours.size() <= 8; ++i, before = " ")
            words += fmt::format("{}({}, {})", before, yours[i].first, yours[i].second);
        return {false, words};
    }
    return named({"the merges"},
                 same(numbers(yours), numbers(expected), {static_cast<Index>(expected.size()), 2}));
}

// Whether these can be decoded: else decode() could only fail, through no fault of its own.
Comparison decodable(const Ids& ids, const Merges& merges) {
    const int size = 256 + static_cast<int>(merges.size());
    for (int i = 256; i < size; ++i)
        for (const int half : {merges[i - 256].first, merges[i - 256].second})
            if (half < 0 || half >= i)
                return {false, fmt::format("your train makes token {} from {}, which is not a "
                                           "token of before",
                                           i, half)};
    for (const int id : ids)
        if (id < 0 || id >= size)
            return {false, fmt::format("your encode gives the id {}, but there are only 0 to {}",
                                       id, size - 1)};
    return {true, "decodable"};
}

// --- the check's own algorithm: slower than a learner's, and by another way ----------------------

Ids own_bytes(const std::string& text) {
    Ids ids;
    for (const char c : text) ids.push_back(c < 0 ? c + 256 : c);
    return ids;
}

Pair own_pair(const Ids& ids) {
    Pair best = kNoPair;
    std::size_t most = 1;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        const Pair pair(ids[i], ids[i + 1]);
        std::size_t count = 0;
        for (std::size_t k = 0; k + 1 < ids.size(); ++k)
            count += ids[k] == pair.first && ids[k + 1] == pair.second;
        if (count > most || (count == most && count > 1 && pair < best)) best = pair, most = count;
    }
    return best;
}

Ids own_merge(Ids ids, Pair pair, int id) {
    for (std::size_t i = 0; i + 1 < ids.size(); ++i)
        if (ids[i] == pair.first && ids[i + 1] == pair.second) {
            ids[i] = id;
            ids.erase(ids.begin() + static_cast<std::ptrdiff_t>(i) + 1);
        }
    return ids;
}

Merges own_train(const std::string& text, int n) {
    Ids ids = own_bytes(text);
    Merges merges;
    for (int id = 256; id < 256 + n; ++id) {
        const Pair pair = own_pair(ids);
        if (pair == kNoPair) return merges;
        merges.push_back(pair);
        ids = own_merge(ids, pair, id);
    }
    return merges;
}

Ids own_encode(const std::string& text, const Merges& merges) {
    Ids ids = own_bytes(text);
    int id = 256;
    for (const Pair& pair : merges) ids = own_merge(ids, pair, id++);
    return ids;
}

std::string own_bytes_of_token(int id, const Merges& merges) {
    if (id < 256) return std::string(1, static_cast<char>(id));
    const auto [left, right] = merges[static_cast<std::size_t>(id - 256)];
    return own_bytes_of_token(left, merges) + own_bytes_of_token(right, merges);
}

std::string own_decode(const Ids& ids, const Merges& merges) {
    std::string text;
    for (const int id : ids) text += own_bytes_of_token(id, merges);
    return text;
}

// --- texts ---------------------------------------------------------------------------------------

// n of the first V numbers.
Ids some_ids(std::uint64_t seed, int n, int V) {
    Random random(seed);
    Ids ids(static_cast<std::size_t>(n));
    for (int& id : ids) id = static_cast<int>(random.below(static_cast<std::uint64_t>(V)));
    return ids;
}

// n of the V letters from `first` on; V = 256: any bytes.
std::string some_text(std::uint64_t seed, int n, int V, int first) {
    std::string text;
    for (const int id : some_ids(seed, n, V)) text += static_cast<char>(first + id);
    return text;
}

// Letters, accents, Chinese, emoji, a zero byte, and bytes that are not UTF-8.
const std::string kTexts[] = {
    "",
    "a",
    "the cat sat on the mat, the end",
    "caf\xc3\xa9, na\xc3\xafve",
    "\xe4\xb8\xad\xe6\x96\x87\xe4\xb8\xad\xe6\x96\x87",
    "\xf0\x9f\xa6\x8a\xf0\x9f\xa6\x8a\xf0\x9f\xa6\x89",
    std::string("a\0b\0a\0b", 7),
    "\xff\xfe\x80\x80\xe4\xb8",
};

// The merges of the text.
const Merges kThree = {{97, 97}, {97, 98}, {256, 257}};

// A list with as much room after its end as it is long: for answers that step over the end.
Ids list_with_room(const Ids& ids) {
    Ids all = ids;
    for (std::size_t i = 0; i < 8; ++i) all.push_back(5000 + static_cast<int>(i));
    all.resize(ids.size());
    return all;
}

// How many numbers, then the numbers: an empty list would look like an exception.
template <class List>
void print_into(Numbers& print, const List& list) {
    const Numbers all = numbers(list);
    print.push_back(static_cast<Real>(all.size()));
    print.insert(print.end(), all.begin(), all.end());
}

template <class List>
Numbers print_of(const List& list) {
    Numbers print;
    print_into(print, list);
    return print;
}

const Fingerprint bytes_print("bytes_of", [] {
    return print_of(
        part().bytes_of(std::string("q~A \xc3\xa9\0\xe4\xbd\xa0 \xf0\x9f\xa6\x8a?\n", 17)));
});
const Fingerprint pair_print("most_frequent_pair", [] {
    Numbers print;
    for (const Ids& ids : {
             Ids{3, 4, 9, 8, 3, 4, 2, 9, 8, 6, 9, 8, 3},                    // a clear winner
             Ids{6, 5, 1, 6, 5, 2, 5, 6, 3, 11, 12, 7, 11, 12, 8, 11, 12},  // and not 5 6 with 6 5
             Ids{30, 40, 1, 20, 50, 2, 30, 40, 3, 20, 50, 4},  // equal: the lower left one
             Ids{30, 50, 1, 30, 40, 2, 30, 50, 3, 30, 40, 4},  // the lower right one
             Ids{50, 30, 1, 20, 60, 2, 50, 30, 3, 20, 60, 4},  // both would be another
             Ids{20, 20, 1, 20, 20, 2, 6, 20, 20},  // equal tokens are a pair like any other
             Ids{7, 7, 7, 7, 1, 2, 3, 1, 2},        // overlaps count
             Ids{9, 9, 9, 9, 9, 9, 5, 4, 8, 5, 4, 6, 5, 4, 3, 5, 4},
             Ids{8, 1, 8, 1, 3, 8, 1, 3, 4, 1, 3},              // in steps of two: another
             Ids{5, 300, 299, 5, 300, 298, 2, 1, 300, 5, 300},  // first, last
             Ids{4, 9, 1, 9, 4, 9, 2, 3, 2, 3, 9, 4},           // not the other way round
             Ids{1, 2, 3, 4, 6, 5},                             // none
         }) {
        const Pair pair = part().most_frequent_pair(list_with_room(ids));
        print.push_back(pair.first), print.push_back(pair.second);
    }
    return print;
});
const Fingerprint no_pair_print("most_frequent_pair", [] {
    Numbers print;
    for (const Ids& ids : {Ids{}, Ids{17}, Ids{17, 17}, Ids{18, 17, 19}}) {
        const Pair pair = part().most_frequent_pair(list_with_room(ids));
        print.push_back(pair.first), print.push_back(pair.second);
    }
    return print;
});
const Fingerprint merge_print("merge", [] {
    Numbers print;
    for (const Ids& ids : {
             Ids{1, 2, 1, 2, 3, 2, 1, 4, 1, 2, 5, 1, 2},
             Ids{2, 9, 1, 1, 2, 2, 1, 2, 1, 2, 6, 2, 1},
         })
        print_into(print, part().merge(list_with_room(ids), Pair(1, 2), 300));
    for (const Ids& ids : {Ids{7, 7, 7, 8, 7, 7, 7, 7, 9, 7, 5}, Ids{7, 7, 7, 7, 7, 4, 7, 7}})
        print_into(print, part().merge(list_with_room(ids), Pair(7, 7), 300));
    return print;
});
const Fingerprint no_merge_print("merge", [] {
    Numbers print;
    for (const Ids& ids : {Ids{}, Ids{7}, Ids{8, 7, 6, 8}})
        print_into(print, part().merge(list_with_room(ids), Pair(7, 7), 300));
    return print;
});
const Fingerprint train_print("train", [] {
    return print_of(part().train("abcd abc abcd ab bcd bcd abcd xyz xy xyz xyz", 6));
});
const Fingerprint train_all_print("train", [] {
    Numbers print = print_of(part().train("abcabcd", 20));
    print_into(print, part().train("aaabdaaabac aaabd", 0));
    return print;
});
const Fingerprint encode_print("encode", [] {
    // b c, a b, 257 256, d d, 259 d, 257 257, x y (never needed), c a, a 256
    const Merges merges = {{98, 99},   {97, 98},   {257, 256}, {100, 100}, {259, 100},
                           {257, 257}, {120, 121}, {99, 97},   {97, 256}};
    Numbers print =
        print_of(part().encode("abc ab ababbcab ddddd cab abab bcca \xe9 ab abcab", merges));
    print_into(print, part().encode("xab", merges));
    // The last merge finds its pair in the bytes, too.
    print_into(print, part().encode("abcabcxab", {{98, 99}, {97, 98}}));
    return print;
});
const Fingerprint decode_print("decode", [] {
    const Merges merges = {{98, 99}, {97, 256}, {257, 257}, {228, 184}, {259, 173}, {0, 258}};
    Numbers print =
        print_of(part().decode({104, 258, 260, 32, 257, 256, 261, 255, 33, 259}, merges));
    print_into(print, part().decode({0, 195, 169, 200, 10}, {}));
    return print;
});

}  // namespace

TEST_CASE("bytes_of: \"Hi\", and the bytes of two characters that are not ASCII") {
    CHECK(same_ids(part().bytes_of("Hi"), {72, 105}));
    CHECK(same_ids(part().bytes_of("\xc3\xa9"), {195, 169}));
    CHECK(same_ids(part().bytes_of("\xe4\xbd\xa0"), {228, 189, 160}));
}

TEST_CASE("bytes_of: no text, one byte, and a zero byte in the middle") {
    CHECK(same_ids(part().bytes_of(""), {}));
    CHECK(same_ids(part().bytes_of("\xff"), {255}));
    CHECK(same_ids(part().bytes_of(std::string("a\0b", 3)), {97, 0, 98}));
}

TEST_CASE("bytes_of: all 256 bytes, and texts of every kind") {
    std::string all;
    for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
    CHECK(same_ids(part().bytes_of(all), own_bytes(all)));
    for (const auto& text : kTexts) CHECK(same_ids(part().bytes_of(text), own_bytes(text)));
    CHECK(same_ids(part().bytes_of(some_text(1, 3000, 256, 0)),
                   own_bytes(some_text(1, 3000, 256, 0))));
}

TEST_CASE("most_frequent_pair: a a in the picture's letters, and a b after merge 0") {
    CHECK(same_pair(part().most_frequent_pair({97, 97, 97, 98, 100, 97, 97, 97, 98, 97, 99}),
                    {97, 97}));
    CHECK(same_pair(part().most_frequent_pair({256, 97, 98, 100, 256, 97, 98, 97, 99}), {97, 98}));
}

TEST_CASE("most_frequent_pair: of equally frequent pairs the lower one, left before right") {
    CHECK(same_pair(part().most_frequent_pair({5, 9, 0, 3, 8, 1, 5, 9, 2, 3, 8}), {3, 8}));
    CHECK(same_pair(part().most_frequent_pair({3, 9, 0, 3, 8, 1, 3, 9, 2, 3, 8}), {3, 8}));
    CHECK(same_pair(part().most_frequent_pair({9, 3, 0, 4, 8, 1, 9, 3, 2, 4, 8}), {4, 8}));
    CHECK(same_pair(part().most_frequent_pair({3, 8, 0, 5, 9, 1, 3, 8, 2, 5, 9}), {3, 8}));
}

TEST_CASE("most_frequent_pair: 7 7 7 7 has the pair (7, 7) three times") {
    CHECK(same_pair(part().most_frequent_pair({7, 7, 7, 7, 1, 2, 0, 1, 2}), {7, 7}));
    CHECK(same_pair(part().most_frequent_pair({7, 7, 7}), {7, 7}));
}

TEST_CASE("most_frequent_pair: kNoPair where no pair stands at two places") {
    CHECK(same_pair(part().most_frequent_pair({1, 2, 3}), kNoPair));
    CHECK(same_pair(part().most_frequent_pair({1, 2, 1}), kNoPair));
    CHECK(same_pair(part().most_frequent_pair({5, 5}), kNoPair));
    CHECK(same_pair(part().most_frequent_pair({5}), kNoPair));
    CHECK(same_pair(part().most_frequent_pair({}), kNoPair));
}

TEST_CASE("most_frequent_pair: the first pair and the last pair count as well") {
    CHECK(same_pair(part().most_frequent_pair({4, 6, 5, 8, 4, 6, 9}), {4, 6}));
    CHECK(same_pair(part().most_frequent_pair({9, 4, 6, 5, 8, 4, 6}), {4, 6}));
    CHECK(same_pair(part().most_frequent_pair({4, 6, 1, 4, 6}), {4, 6}));
}

TEST_CASE("most_frequent_pair: any ids") {
    for (const int V : {2, 5, 40, 600})
        for (const int n : {3, 30, 300}) {
            CAPTURE(V);
            CAPTURE(n);
            for (std::uint64_t seed = 1; seed <= 4; ++seed) {
                const Ids ids = some_ids(seed, n, V);
                CHECK(same_pair(part().most_frequent_pair(ids), own_pair(ids)));
            }
        }
}

TEST_CASE("merge: 1 2 3 1 2 1 2, and the first two merges of the picture") {
    CHECK(same_ids(part().merge({1, 2, 3, 1, 2, 1, 2}, {1, 2}, 300), {300, 3, 300, 300}));
    CHECK(same_ids(part().merge({97, 97, 97, 98, 100, 97, 97, 97, 98, 97, 99}, {97, 97}, 256),
                   {256, 97, 98, 100, 256, 97, 98, 97, 99}));
    CHECK(same_ids(part().merge({256, 97, 98, 100, 256, 97, 98, 97, 99}, {97, 98}, 257),
                   {256, 257, 100, 256, 257, 97, 99}));
}

TEST_CASE("merge: from the left, so 7 7 7 becomes 300 7") {
    CHECK(same_ids(part().merge({7, 7, 7}, {7, 7}, 300), {300, 7}));
    CHECK(same_ids(part().merge({7, 7, 7, 7}, {7, 7}, 300), {300, 300}));
    CHECK(same_ids(part().merge({1, 7, 7, 7, 7, 7, 2}, {7, 7}, 300), {1, 300, 300, 7, 2}));
}

TEST_CASE("merge: at the beginning, at the end, side by side, and nowhere") {
    CHECK(same_ids(part().merge({1, 2, 3, 1, 2}, {1, 2}, 300), {300, 3, 300}));
    CHECK(same_ids(part().merge({1, 2, 1, 2}, {1, 2}, 300), {300, 300}));
    CHECK(same_ids(part().merge({2, 1, 1, 3, 2}, {1, 2}, 300), {2, 1, 1, 3, 2}));
    CHECK(same_ids(part().merge({3, 3, 1}, {1, 2}, 300), {3, 3, 1}));
}

TEST_CASE("merge: two ids, one, none") {
    CHECK(same_ids(part().merge({1, 2}, {1, 2}, 300), {300}));
    CHECK(same_ids(part().merge({1}, {1, 2}, 300), {1}));
    CHECK(same_ids(part().merge({1}, {1, 1}, 300), {1}));
    CHECK(same_ids(part().merge({}, {1, 2}, 300), {}));
}

TEST_CASE("merge: any ids and any pair") {
    for (const int V : {2, 3, 8})
        for (const int n : {2, 9, 200}) {
            CAPTURE(V);
            CAPTURE(n);
            const Ids ids = some_ids(5, n, V);
            for (const Pair& pair : {Pair(0, 0), Pair(0, 1), Pair(1, 0), Pair(1, V - 1)})
                CHECK(same_ids(part().merge(ids, pair, 700), own_merge(ids, pair, 700)));
        }
}

TEST_CASE("train: the picture's letters, with n = 1 and with n = 3") {
    CHECK(same_merges(part().train("aaabdaaabac", 1), {{97, 97}}));
    CHECK(same_merges(part().train("aaabdaaabac", 3), kThree));
}

TEST_CASE("train: fewer merges if no pair stands at two places any more") {
    CHECK(same_merges(part().train("aaabdaaabac", 50), kThree));
    CHECK(same_merges(part().train("abcd", 5), {}));
    CHECK(same_merges(part().train("aaa", 5), {{97, 97}}));
}

TEST_CASE("train: no text, and no merges asked for") {
    CHECK(same_merges(part().train("", 5), {}));
    CHECK(same_merges(part().train("x", 5), {}));
    CHECK(same_merges(part().train("aaabdaaabac", 0), {}));
}

TEST_CASE("train: any bytes") {
    for (const auto& text : kTexts) CHECK(same_merges(part().train(text, 9), own_train(text, 9)));
    for (const int V : {2, 4, 26}) {
        CAPTURE(V);
        const std::string text = some_text(6, 150, V, 'a');
        CHECK(same_merges(part().train(text, 25), own_train(text, 25)));
        const std::string bytes = some_text(7, 200, V, 190);
        CHECK(same_merges(part().train(bytes, 25), own_train(bytes, 25)));
    }
}

TEST_CASE("train: 40 merges of tiny tales, as the library learns them") {
    for (const char* name : {"tales", "tales-zh"}) {
        const std::string text = tales(name, 0, 8);
        CHECK(same_merges(part().train(text, 40), Bpe::train(text, 40, Bpe::Split::none).merges()));
    }
}

TEST_CASE("train: 100 merges of 20 KB, each found in one walk through the list") {
    const std::string text = tales("tales", 0, 180).substr(0, 20000);
    REQUIRE(text.size() == 20000);
    CHECK(same_merges(part().train(text, 100), Bpe::train(text, 100, Bpe::Split::none).merges()));
    // And as many as there are in the beginning of it.
    const std::string begin = text.substr(0, 300);
    CHECK(same_merges(part().train(begin, 500), Bpe::train(begin, 500, Bpe::Split::none).merges()));
}

TEST_CASE("encode: aaabdaaabac, baaab, aaaa and ab, with the merges of the picture") {
    CHECK(same_ids(part().encode("aaabdaaabac", {{97, 97}, {97, 98}, {256, 257}}),
                   {258, 100, 258, 97, 99}));
    CHECK(same_ids(part().encode("baaab", {{97, 97}, {97, 98}, {256, 257}}), {98, 258}));
    CHECK(same_ids(part().encode("aaaa", {{97, 97}, {97, 98}, {256, 257}}), {256, 256}));
    CHECK(same_ids(part().encode("ab", {{97, 97}, {97, 98}, {256, 257}}), {257}));
}

TEST_CASE("encode: abc and others by the merges b c, a b, in this order") {
    // {98, 99} is b c, {97, 98} is a b.
    CHECK(same_ids(part().encode("abc", {{98, 99}, {97, 98}}), {97, 256}));
    CHECK(same_ids(part().encode("abc ab ab", {{98, 99}, {97, 98}}), {97, 256, 32, 257, 32, 257}));
    CHECK(same_ids(part().encode("ababc", {{98, 99}, {97, 98}}), {257, 97, 256}));
}

TEST_CASE("encode: no merges, no text, and nothing to merge") {
    CHECK(same_ids(part().encode("abc", {}), {97, 98, 99}));
    CHECK(same_ids(part().encode("", {{97, 97}, {97, 98}, {256, 257}}), {}));
    CHECK(
        same_ids(part().encode("xyz\xff", {{97, 97}, {97, 98}, {256, 257}}), {120, 121, 122, 255}));
}

TEST_CASE("encode: texts that were not trained on, as the library encodes them") {
    for (const char* name : {"tales", "tales-zh"}) {
        const Merges merges = Bpe::train(tales(name, 0, 20), 80, Bpe::Split::none).merges();
        const Bpe bpe(merges, Bpe::Split::none);
        const std::string text = tales(name, 1000, 5);
        CHECK(same_ids(part().encode(text, merges), bpe.encode(text)));
        for (const auto& other : kTexts)
            CHECK(same_ids(part().encode(other, merges), bpe.encode(other)));
    }
}

TEST_CASE("encode: any bytes and any merges") {
    for (const int V : {2, 3, 9}) {
        CAPTURE(V);
        const Merges merges = own_train(some_text(8, 120, V, 250 - V), 20);
        for (std::uint64_t seed = 9; seed < 14; ++seed) {
            const std::string text = some_text(seed, 60, V, 250 - V);
            CHECK(same_ids(part().encode(text, merges), own_encode(text, merges)));
        }
    }
}

TEST_CASE("decode: 258 100 258 97 99 and 257, with the merges of the picture") {
    CHECK(same_bytes(part().decode({258, 100, 258, 97, 99}, {{97, 97}, {97, 98}, {256, 257}}),
                     "aaabdaaabac"));
    CHECK(same_bytes(part().decode({257}, {{97, 97}, {97, 98}, {256, 257}}), "ab"));
}

TEST_CASE("decode: bytes, whatever they are, and half a character") {
    CHECK(same_bytes(part().decode({72, 105}, {}), "Hi"));
    CHECK(same_bytes(part().decode({228, 189, 160}, {}), "\xe4\xbd\xa0"));
    CHECK(same_bytes(part().decode({228, 189}, {}), "\xe4\xbd"));
    CHECK(same_bytes(part().decode({160, 97, 255}, {}),
                     "\xa0"
                     "a\xff"));
    CHECK(same_bytes(part().decode({97, 0, 98}, {}), std::string("a\0b", 3)));
}

TEST_CASE("decode: no tokens") {
    CHECK(same_bytes(part().decode({}, {{97, 97}, {97, 98}, {256, 257}}), ""));
    CHECK(same_bytes(part().decode({}, {}), ""));
}

TEST_CASE("decode: any tokens, as the library decodes them") {
    for (const char* name : {"tales", "tales-zh"}) {
        const Merges merges = Bpe::train(tales(name, 0, 20), 80, Bpe::Split::none).merges();
        const Ids ids = some_ids(15, 500, 256 + static_cast<int>(merges.size()));
        CHECK(same_bytes(part().decode(ids, merges), own_decode(ids, merges)));
        CHECK(same_bytes(part().decode(ids, merges), Bpe(merges, Bpe::Split::none).decode(ids)));
    }
}

TEST_CASE("decode: gives back what encode was given, whatever the bytes") {
    const Merges merges = own_train("caf\xc3\xa9 the the \xe4\xbd\xa0\xe4\xbd\xa0\xe5\xa5\xbd", 9);
    for (const auto& text : kTexts) {
        const Ids ids = part().encode(text, merges);
        REQUIRE(decodable(ids, merges));
        CHECK(same_bytes(part().decode(ids, merges), text));
    }
    const std::string bytes = some_text(16, 2000, 256, 0);
    const Merges own = part().train(bytes, 20);
    const Ids ids = part().encode(bytes, own);
    REQUIRE(decodable(ids, own));
    CHECK(same_bytes(part().decode(ids, own), bytes));
}

}  // namespace gradus::lesson_15
