// SPDX-License-Identifier: MIT
// SentencePiece's normalisation rules ("precompiled_charsmap" in a .model file and in the
// normalizer Precompiled of a tokenizer.json): strings and what replaces them, most of them Unicode's
// NFKC. The blob is a 32-bit size, a double-array trie of that many bytes (Aoe 1989; the layout of
// the library Darts-clone), and the replacements, each ending in a zero byte; a leaf of the trie holds
// the offset of one. Written from SentencePiece's src/normalizer.cc.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

class Charsmap {
 public:
    // Throws std::invalid_argument unless every rule of the trie is sound: inside the blob, and its
    // replacement UTF-8.
    explicit Charsmap(std::string_view blob);

    // At each position the longest rule that applies; where none does, the character stays, and a
    // malformed byte becomes U+FFFD.
    std::string apply(std::string_view text) const;

 private:
    void check() const;

    std::vector<std::uint32_t> units_;  // the trie's
    std::string replacements_;
};

}  // namespace gradus
