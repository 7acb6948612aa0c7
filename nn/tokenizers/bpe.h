// SPDX-License-Identifier: MIT
// Byte-level byte-pair encoding (Sennrich, Haddow, Birch 2016, algorithm 1; on bytes: Radford et al.
// 2019, section 2.2). Training begins with the 256 bytes and merges the most frequent pair of
// neighbours into a new token, again and again; encoding repeats the same merges in the same order.
// Any bytes can be encoded, and every token is a string of bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "nn/tokenizers/longest_match.h"
#include "nn/tokenizers/merge_table.h"
#include "nn/tokenizers/pretokens.h"
#include "nn/tokenizers/token_model.h"

namespace gradus {

// What a tokenizer's file lists, with any ids.
struct BpeTable {
    // By id, in bytes; a special token's name. An empty one is a gap between the ids: it counts as a
    // special token, which nothing makes.
    std::vector<std::string> tokens;
    // Ids of tokens that stand for no text.
    std::vector<int> specials;
    // Ids of tokens that are cut out of text before it is split: the first in the text, and of those
    // that begin there the longest.
    std::vector<int> added;
    // Pairs of neighbours that become the token of their joined bytes, the earliest first.
    std::vector<std::pair<int, int>> merges;
    // Or, without a list: any two neighbours whose joined bytes are a token, the lowest id first
    // (tiktoken's rule).
    bool merge_lowest_id = false;
    Split split = Split::gpt2;
    bool whole_words = false;  // a word that is a token becomes that token, whatever the merges say
    bool nfc = false;  // text is brought into Unicode's normal form C before everything else
};

class Bpe : public TokenModel {
 public:
    using Split = gradus::Split;
    using Pair = std::pair<int, int>;

    // Token i < 256 is byte bytes[i] (byte i if none are given), token 256 + i is the pair
    // merges[i], and after those come special tokens, which stand for no text. Throws
    // std::invalid_argument unless every pair consists of earlier tokens and occurs once, or if all
    // tokens together have more than 64 MiB.
    explicit Bpe(std::vector<Pair> merges = {}, Split split = Split::gpt2,
                 const std::vector<std::string>& specials = {},
                 const std::vector<unsigned char>& bytes = {});
    // Throws std::invalid_argument unless each byte is a token and every merge makes one, for two
    // tokens of the same bytes, more than 2^22 tokens, 64 MiB of them or, if the lowest id merges
    // first, one of more than 512 bytes; and for a special or added one of more than 512.
    explicit Bpe(BpeTable table);

    // Learns at most `merges` merges; fewer if no pair occurs twice. Of equally frequent pairs the
    // one of the lower tokens wins, compared left before right. O(n log n) for n bytes of text:
    // 512 merges of 1 MB of stories take 0.03 s, most of it for splitting (bench: tokenizer).
    static Bpe train(std::string_view text, int merges, Split split = Split::gpt2);
    // The same for a text of which only its different words and how often each occurs are known.
    using WordCounts = std::unordered_map<std::string, std::int64_t>;
    // Reports its Progress.
    static Bpe train(const WordCounts& words, int merges, Split split = Split::gpt2);

    int size() const override { return static_cast<int>(tokens_.size()); }
    Split split() const { return split_; }
    // Empty if the lowest id merges first.
    const std::vector<Pair>& merges() const { return merges_; }
    bool merges_lowest_id() const { return merges_.empty() && merged_.size() > 0; }
    bool whole_words() const { return !words_.empty(); }
    bool nfc() const { return nfc_; }
    const std::vector<int>& added() const { return added_; }
    std::vector<std::string> specials() const;  // names, by id; a gap's is empty
    // The bytes that the ids below 256 stand for; empty if one of them is something else.
    std::vector<unsigned char> byte_order() const;
    // True if the ids are those of the first constructor: bytes, then merges, then special tokens.
    bool in_order() const;
    // True if encode() does nothing but encode_word() for each word of split_words().
    bool by_words() const { return split_ != Split::none && added_.empty() && !nfc_; }

    const std::string& token(int id) const override;
    int special(std::string_view name) const;  // throws std::invalid_argument if unknown
    bool is_special(int id) const override;

    void encode(std::string_view text, std::vector<int>& ids) const override;
    std::vector<int> encode(std::string_view text) const;
    // The bytes need not be UTF-8: print them through a Utf8Stream. Throws if an id is outside
    // 0..size()-1.
    std::string decode(const std::vector<int>& ids) const override;
    // Appends the ids of one word, as split_words() gives it. O(n log n).
    void encode_word(std::string_view word, std::vector<int>& ids) const;

    // The same ids for every text.
    friend bool operator==(const Bpe& a, const Bpe& b);

 private:
    void add_listed_merges(const std::unordered_map<std::string_view, int>& ids);
    void add_splits(const std::unordered_map<std::string_view, int>& ids);
    void merge_short(std::string_view word, std::vector<int>& ids) const;
    void merge_long(std::string_view word, std::vector<int>& ids) const;
    void encode_words(std::string_view text, std::vector<int>& ids) const;

    std::vector<std::string> tokens_;  // by id
    std::vector<bool> is_special_;     // by id
    std::vector<int> added_;
    LongestMatch added_names_;
    std::vector<int> byte_ids_;  // by byte
    std::vector<Pair> merges_;
    MergeTable merged_;
    std::unordered_map<std::string, int> words_;  // if whole words are looked up: the tokens' ids
    Split split_;
    bool nfc_ = false;
};

}  // namespace gradus
