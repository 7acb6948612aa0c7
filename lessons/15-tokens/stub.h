// SPDX-License-Identifier: MIT
// Lesson 15: tokens. The text is lessons/15-tokens/README.md.
// Put your code where unfinished() stands, save, and run: ./gradus check 15
#pragma once

// Pair, a std::pair<int, int>: two neighbours, .first and .second; == and < compare the left first.
// Merges, a std::vector<Pair>: token 256 + i is the pair merges[i].   kNoPair is Pair(-1, -1).
#include "lessons/15-tokens/given.h"

namespace mine {

// The bytes of text as numbers from 0 to 255, in their order.
inline std::vector<int> bytes_of(const std::string& text) {
    unfinished("bytes_of");  // TODO
}

// The pair of neighbours (ids[i], ids[i + 1]) that stands at most places i. Every place counts,
// also where two overlap: 7 7 7 has the pair (7, 7) twice. Of equally frequent pairs the lower one,
// as < compares them. kNoPair if no pair stands at two places.
inline Pair most_frequent_pair(const std::vector<int>& ids) {
    unfinished("most_frequent_pair");  // TODO
}

// A copy of ids in which `id` stands for every pair of neighbours equal to `pair`: the first one
// from the left, then the next one after it. So 7 7 7, pair (7, 7), id 256 gives 256 7.
inline std::vector<int> merge(const std::vector<int>& ids, Pair pair, int id) {
    unfinished("merge");  // TODO
}

// Learns at most n merges: the most frequent pair of the text's ids, which is then merged into the
// next new id, 256, 257, ...; and again. Fewer if no pair stands at two places any more.
inline Merges train(const std::string& text, int n) {
    unfinished("train");  // TODO
}

// The text's ids after the same merges in the same order, whatever is frequent in this text.
inline std::vector<int> encode(const std::string& text, const Merges& merges) {
    unfinished("encode");  // TODO
}

// The bytes of all ids, one after the other: id < 256 is that byte, 256 + i is the bytes of
// merges[i].first, then those of merges[i].second. All ids are from 0 to 255 + merges.size().
inline std::string decode(const std::vector<int>& ids, const Merges& merges) {
    unfinished("decode");  // TODO
}

}  // namespace mine
