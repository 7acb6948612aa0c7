// SPDX-License-Identifier: MIT
// What the tokenizers of other toolkits have to know of a code point, from the tables of Unicode 14.
#pragma once

namespace gradus {

bool is_white_space(char32_t c);      // the property White_Space: 25 code points
bool is_punctuation(char32_t c);      // general category P
bool is_control(char32_t c);          // Cc, Cf or Co: control, format, private use
bool is_nonspacing_mark(char32_t c);  // Mn: most accents
bool is_mark(char32_t c);             // M: also spacing and enclosing ones

// A CJK unified or compatibility ideograph, by the blocks that BERT's tokenizer lists.
bool is_ideograph(char32_t c);

// The lowercase form; c itself where there is none. Its two code points for U+0130 are "i" and
// U+0307, and c alone does not tell whether a capital sigma ends its word: this gives "i" and the
// sigma of other places.
char32_t lowercase(char32_t c);

// The canonical combining class: 0 for what begins a character, otherwise its place among marks.
int combining_class(char32_t c);

}  // namespace gradus
