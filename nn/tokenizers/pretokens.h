// SPDX-License-Identifier: MIT
// Splits text into words before BPE sees it, so that no token spans two of them.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// The rules, each without a regular expression; pattern_of() gives the one that it stands for.
// Letters (\p{L}) and numbers (\p{N}) are those of Unicode 14; malformed bytes are characters of no
// class. The words, joined, are the text.
enum class Split {
    none,  // the whole text is one word; a token may then contain anything
    // GPT-2 (Radford et al. 2019; the expression in its encoder.py): an English contraction's end
    // ('s 't 're 've 'm 'll 'd), a run of letters, of numbers or of other characters, each with at
    // most one space before it, or white space; the last space of several belongs to the next word.
    gpt2,
    digits,  // SmolLM, StarCoder: every number alone, and what is between two by GPT-2's rule
    // GPT-4 and Llama 3 (tiktoken's cl100k_base): contractions in capitals, too; any character but a
    // line's end may precede letters; at most three numbers; white space up to its last line's end;
    // the ends of lines that follow other characters belong to them.
    cl100k,
    qwen2,  // Qwen2: the same with every number alone
};

// The regular expression as tokenizer.json has it. Empty for `none`, and for `digits`, which is two
// steps there.
std::string_view pattern_of(Split split);

// The end of the word that begins at `begin`, which is less than the text's size.
std::size_t word_end(std::string_view text, std::size_t begin, Split split);
std::vector<std::string_view> split_words(std::string_view text, Split split = Split::gpt2);

// The same for a text that arrives in pieces, each of whole characters: calls visit(word) for every
// word, which is valid during the call. What follows may still lengthen or unite the last two words
// (" ", or GPT-2's "'" and "l" of "'ll", or cl100k's "\n" and " " of "\n \n"), so those wait for it.
class WordStream {
 public:
    using Visit = std::function<void(std::string_view word)>;
    explicit WordStream(Visit visit, Split split = Split::gpt2)
        : visit_(std::move(visit)), split_(split) {}
    void feed(std::string_view piece);
    void finish();  // the last words; then starts afresh

 private:
    Visit visit_;
    Split split_;
    std::string waiting_;
    std::size_t split_at_ = 0;  // bytes: a word longer than a piece is not looked at for each piece
};

}  // namespace gradus
