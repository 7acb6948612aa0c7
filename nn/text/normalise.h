// SPDX-License-Identifier: MIT
// Unicode's normal forms (Unicode Standard Annex 15; the Unicode Standard 14, section 3.11) and the
// simpler changes that tokenizers make to a text before they split it: "é" can be one code point or
// two, and only one of the spellings may be in a vocabulary. On pinned tables of Unicode 14, so that
// a text has the same tokens everywhere. Malformed bytes remain as they are.
#pragma once

#include <string>
#include <string_view>

namespace gradus {

// nfd: decomposed, marks in canonical order; nfc: that, composed again. nfkd, nfkc: compatibility
// characters (ligatures, full-width forms, ...) become the plain ones too. O(n log n) at worst, for
// long runs of marks.
enum class NormalForm { nfd, nfc, nfkd, nfkc };
std::string normalise(std::string_view text, NormalForm form);

// Each code point by itself: a capital sigma at the end of a word becomes the same as elsewhere.
std::string lowercase(std::string_view text);

// nonspacing: those of general category Mn, as BERT; all: Mc and Me too. Only whole code points: for
// "é" to become "e", the text must be in nfd or nfkd.
enum class Marks { nonspacing, all };
std::string strip_marks(std::string_view text, Marks marks);

}  // namespace gradus
