// SPDX-License-Identifier: MIT
#include "nn/terminal/word_wrap.h"

#include "nn/text/display_width.h"
#include "nn/text/utf8.h"

namespace gradus {

std::string WordWrap::feed(std::string_view piece, int columns) {
    std::string out;
    for (const std::string_view c : utf8_characters(piece)) {
        const bool wide = display_width(c) > 1;  // Chinese has a word's end after every character
        if (wide || c == " " || c == "\n") put_word(out, columns);
        if (c == " ") {
            spaces_ += c;
        } else if (c == "\n") {
            out += spaces_ + "\n";
            spaces_.clear();
            column_ = 0;
        } else {
            word_ += c;
            if (wide || display_width(word_) >= columns) put_word(out, columns);
        }
    }
    return out;
}

std::string WordWrap::finish(int columns) {
    std::string out;
    put_word(out, columns);
    out += spaces_;
    spaces_.clear();
    return out;
}

void WordWrap::put_word(std::string& out, int columns) {
    if (word_.empty()) return;
    const int spaces = display_width(spaces_), word = display_width(word_);
    const bool breaks = column_ > 0 && column_ + spaces + word > columns;
    out += breaks ? "\n" : spaces_;
    out += word_;
    column_ = breaks ? word : column_ + spaces + word;
    spaces_.clear();
    word_.clear();
}

}  // namespace gradus
