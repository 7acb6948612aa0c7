// SPDX-License-Identifier: MIT
// Text from token ids that arrive one at a time, as a model writes them. What a token stands for may
// depend on the one before it (a word's first piece brings a space, the first of all does not) and may be
// less than a character, so decoding token by token would print something else.
#pragma once

#include <optional>

#include "nn/text/utf8.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

class DecodeStream {
 public:
    explicit DecodeStream(const Tokenizer& tokenizer)
        : tokenizer_(tokenizer) {}  // must outlive this
    std::string feed(int id);  // the characters that are complete so far; special tokens give none
    std::string finish();      // U+FFFD if the last one is incomplete; then starts afresh

 private:
    const Tokenizer& tokenizer_;
    std::optional<int> before_;
    Utf8Stream stream_;
};

}  // namespace gradus
