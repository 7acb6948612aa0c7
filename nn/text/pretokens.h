// SPDX-License-Identifier: MIT
// Splits text into words before BPE sees it, so that no token spans two of them.
#pragma once

#include <string_view>
#include <vector>

namespace gradus {

// GPT-2's rule (Radford et al. 2019; the regular expression in its encoder.py): an English
// contraction's end ('s 't 're 've 'm 'll 'd), a run of letters, of numbers or of other characters,
// each with at most one space before it, or white space; the last space of several belongs to the
// word that follows. Letters and numbers are those of Unicode 14; malformed bytes are other
// characters. The pieces, joined, are the text.
std::vector<std::string_view> split_words(std::string_view text);

}  // namespace gradus
