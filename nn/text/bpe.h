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

namespace gradus {

class Bpe {
 public:
    // words: text is first split by split_words() (pretokens.h), as GPT-2 does. none: it is one
    // word; a token may then contain anything.
    enum class Split { none, words };
    using Pair = std::pair<int, int>;

    // Token i < 256 is byte bytes[i] (byte i if none are given), token 256 + i is the pair
    // merges[i], and after those come special tokens, which stand for no text. Throws
    // std::invalid_argument unless every pair consists of earlier tokens and occurs once, or if all
    // tokens together have more than 64 MiB.
    explicit Bpe(std::vector<Pair> merges = {}, Split split = Split::words,
                 std::vector<std::string> specials = {},
                 const std::vector<unsigned char>& bytes = {});

    // Learns at most `merges` merges; fewer if no pair occurs twice. Of equally frequent pairs the
    // one of the lower tokens wins, compared left before right. O(n log n) for n bytes of text:
    // 512 merges of 1 MB of stories take 0.03 s, most of it for splitting (bench: tokenizer).
    static Bpe train(std::string_view text, int merges, Split split = Split::words);
    // The same for a text of which only its different words and how often each occurs are known.
    using WordCounts = std::unordered_map<std::string, std::int64_t>;
    // progress, if given, is told from time to time which fraction of the merges is learnt.
    static Bpe train(const WordCounts& words, int merges,
                     const std::function<void(double done)>& progress = {});

    int size() const { return static_cast<int>(tokens_.size()); }
    const std::vector<Pair>& merges() const { return merges_; }
    Split split() const { return split_; }
    const std::vector<std::string>& specials() const { return specials_; }

    const std::string& token(int id) const;    // its bytes; a special token's name
    int special(std::string_view name) const;  // throws std::invalid_argument if unknown
    bool is_special(int id) const { return id >= size() - static_cast<int>(specials_.size()); }

    // Special tokens never come out of text, whatever it contains.
    std::vector<int> encode(std::string_view text) const;
    // The tokens' bytes, concatenated; special tokens add none. The bytes need not be UTF-8: print
    // them through a Utf8Stream. Throws if an id is outside 0..size()-1.
    std::string decode(const std::vector<int>& ids) const;
    // Appends the ids of one word, as split_words() gives it.
    void encode_word(std::string_view word, std::vector<int>& ids) const;

    friend bool operator==(const Bpe& a, const Bpe& b);

 private:
    std::vector<Pair> merges_;
    Split split_;
    std::vector<std::string> specials_;
    std::vector<std::string> tokens_;                // by id
    std::vector<int> byte_ids_;                      // by byte
    std::unordered_map<std::uint64_t, int> merged_;  // a pair's token
};

}  // namespace gradus
