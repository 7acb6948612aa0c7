// SPDX-License-Identifier: MIT
#include "nn/tokenizers/longest_match.h"

#include <algorithm>

namespace gradus {

LongestMatch::LongestMatch(std::vector<Entry> list) : list_(std::move(list)) {
    std::stable_sort(list_.begin(), list_.end(),
                     [](const Entry& a, const Entry& b) { return a.first < b.first; });
}

const LongestMatch::Entry* LongestMatch::find(std::string_view text) const {
    const Entry* longest = nullptr;
    auto first = list_.begin(), last = list_.end();  // those that agree with the text so far
    for (std::size_t i = 0; i < text.size() && first != last; ++i) {
        const auto byte_of = [i](const Entry& entry) {  // -1: that string has ended
            return i < entry.first.size() ? static_cast<unsigned char>(entry.first[i]) : -1;
        };
        const int byte = static_cast<unsigned char>(text[i]);
        first =
            std::partition_point(first, last, [&](const Entry& e) { return byte_of(e) < byte; });
        last =
            std::partition_point(first, last, [&](const Entry& e) { return byte_of(e) == byte; });
        if (first != last && first->first.size() == i + 1) longest = &*first;
    }
    return longest;
}

}  // namespace gradus
