// SPDX-License-Identifier: MIT
// "Did you mean ...?": the known names closest to one that is not known, by the number of letters
// to insert, delete, replace (Levenshtein 1966) or swap with a neighbour (Damerau 1964).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gradus {

// Edits from a to b, in bytes; two neighbours swapped count once. Time and memory O(|a| |b|).
int edit_distance(std::string_view a, std::string_view b);

// At most `count` of `known`, nearest first, equals in their order: those at most a third of the
// name's length away (at least 2 edits), or that end in ".name" or begin with the name.
std::vector<std::string> near_names(std::string_view name, const std::vector<std::string>& known,
                                    int count = 3);

}  // namespace gradus
