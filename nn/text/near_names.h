// SPDX-License-Identifier: MIT
// "Did you mean ...?": the known names closest to an unknown one, by the number of letters to
// insert, delete, replace (Levenshtein 1966) or swap with a neighbour (Damerau 1964).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// Edits from a to b, in bytes; swapping two neighbours is one edit. Time O(|a| |b|), memory O(|b|).
int edit_distance(std::string_view a, std::string_view b);

// At most `count` of `known`, nearest first, ties in their original order: names within a third of
// the name's length (or 2 edits, if that is more), ending in ".name" or beginning with the name.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known,
                                    int count = 3);

}  // namespace gradus
