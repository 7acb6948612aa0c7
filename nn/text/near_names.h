// SPDX-License-Identifier: MIT
// "Did you mean ...?": the known names closest to an unknown one by edit distance, the number of
// insertions, deletions and replacements of letters (Levenshtein 1966) and of swaps of neighbouring
// letters (Damerau 1964).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// Number of edits from a to b, in bytes; swapping two neighbours counts as one. Time O(|a| |b|),
// memory O(|b|).
int edit_distance(std::string_view a, std::string_view b);

// At most `count` of the `known` names, nearest first, ties in their original order. A name
// qualifies if its distance is at most a third of the length of `name` (or 2, if that is more), or
// if it begins with `name` or ends in "." followed by `name`.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known,
                                    int count = 3);

}  // namespace gradus
