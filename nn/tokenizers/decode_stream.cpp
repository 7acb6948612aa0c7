// SPDX-License-Identifier: MIT
#include "nn/tokenizers/decode_stream.h"

namespace gradus {

std::string DecodeStream::feed(int id) {
    std::string text;
    if (before_)
        text = tokenizer_.decode({*before_, id}).substr(tokenizer_.decode({*before_}).size());
    else
        text = tokenizer_.decode({id});
    // What is not seen, such as a space that decode() leaves out, is not what comes before the next.
    if (!before_ || !tokenizer_.decode({id}).empty())
        if (!tokenizer_.model().is_special(id)) before_ = id;
    return stream_.feed(text);
}

std::string DecodeStream::finish() {
    before_ = {};
    return stream_.finish();
}

}  // namespace gradus
