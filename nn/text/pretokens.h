// SPDX-License-Identifier: MIT
// Splits text into words before BPE sees it, so that no token spans two of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// GPT-2's rule (Radford et al. 2019; the regular expression in its encoder.py): an English
// contraction's end ('s 't 're 've 'm 'll 'd), a run of letters, of numbers or of other characters,
// each with at most one space before it, or white space; the last space of several belongs to the
// word that follows. Letters and numbers are those of Unicode 14; malformed bytes are other
// characters. The pieces, joined, are the text.
std::vector<std::string_view> split_words(std::string_view text);

// The same for a text that arrives in pieces, each of whole characters: calls visit(word) for every
// word, which is valid during the call. What follows may still lengthen the last two words
// (" ", or "'" and "l" of "'ll"), so those wait for it.
class WordStream {
 public:
    using Visit = std::function<void(std::string_view word)>;
    explicit WordStream(Visit visit) : visit_(std::move(visit)) {}
    void feed(std::string_view piece);
    void finish();  // the last words; then starts afresh

 private:
    Visit visit_;
    std::string waiting_;
    std::size_t split_at_ = 0;  // bytes: a word longer than a piece is not looked at for each piece
};

}  // namespace gradus
