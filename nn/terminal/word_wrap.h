// SPDX-License-Identifier: MIT
// Line breaks between words for text that arrives piece by piece, as a model writes it: a terminal
// would break the line within a word.
//     WordWrap wrap;
//     print(wrap.feed("once upo", 40));  // "once"; the word that may go on is held back
//     print(wrap.feed("n a time", 40));  // " upon a"
//     print(wrap.finish(40));            // " time"
#pragma once

#include <string>
#include <string_view>

namespace gradus {

class WordWrap {
 public:
    // What can be printed now, of a piece that consists of whole characters, in a terminal that has
    // so many columns. Nothing is lost but spaces at which a line is broken.
    std::string feed(std::string_view piece, int columns);
    std::string finish(int columns);

 private:
    void put_word(std::string& out, int columns);

    std::string spaces_, word_;  // held back: a word, and what stands before it
    int column_ = 0;             // after what has been returned
};

}  // namespace gradus
