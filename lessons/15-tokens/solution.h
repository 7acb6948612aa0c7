// SPDX-License-Identifier: MIT
// Lesson 15: tokens.
#pragma once

#include "lessons/15-tokens/given.h"

namespace mine {

inline std::vector<int> bytes_of(const std::string& text) {
    std::vector<int> ids(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) ids[i] = static_cast<unsigned char>(text[i]);
    return ids;
}

inline Pair most_frequent_pair(const std::vector<int>& ids) {
    std::map<Pair, int> counts;
    for (std::size_t i = 1; i < ids.size(); ++i) counts[Pair(ids[i - 1], ids[i])] += 1;
    Pair best = kNoPair;
    int most = 1;
    for (const auto& [pair, count] : counts)
        if (count > most) {
            best = pair;
            most = count;
        }
    return best;
}

inline std::vector<int> merge(const std::vector<int>& ids, Pair pair, int id) {
    std::vector<int> merged;
    for (std::size_t i = 0; i < ids.size(); ++i)
        if (i + 1 < ids.size() && Pair(ids[i], ids[i + 1]) == pair) {
            merged.push_back(id);
            ++i;
        } else {
            merged.push_back(ids[i]);
        }
    return merged;
}

inline Merges train(const std::string& text, int n) {
    std::vector<int> ids = bytes_of(text);
    Merges merges;
    for (int i = 0; i < n; ++i) {
        const Pair pair = most_frequent_pair(ids);
        if (pair == kNoPair) break;
        merges.push_back(pair);
        ids = merge(ids, pair, 256 + i);
    }
    return merges;
}

inline std::vector<int> encode(const std::string& text, const Merges& merges) {
    std::vector<int> ids = bytes_of(text);
    for (std::size_t i = 0; i < merges.size(); ++i)
        ids = merge(ids, merges[i], 256 + static_cast<int>(i));
    return ids;
}

inline std::string decode(const std::vector<int>& ids, const Merges& merges) {
    std::vector<std::string> token(256 + merges.size());
    for (int i = 0; i < 256; ++i) token[i] = std::string(1, static_cast<char>(i));
    for (std::size_t i = 0; i < merges.size(); ++i)
        token[256 + i] = token[merges[i].first] + token[merges[i].second];
    std::string text;
    for (const int id : ids) text += token[id];
    return text;
}

}  // namespace mine
