// SPDX-License-Identifier: MIT
// Finds the strings of a list in a text: at each place, the longest that stands there.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace gradus {

class LongestMatch {
 public:
    // Each string with its number; empty ones are never found, and of equal ones the first is.
    explicit LongestMatch(std::vector<std::pair<std::string, int>> list = {});

    // Calls between(stretch) for what lies between the strings found, and found(number) for each.
    // A place costs O(log n) for each byte that agrees with a string.
    template <class Between, class Found>
    void cut(std::string_view text, Between between, Found found) const {
        std::size_t begin = 0;  // of the stretch
        for (std::size_t i = 0; !list_.empty() && i < text.size();) {
            const Entry* here = find(text.substr(i));
            if (!here) {
                ++i;
                continue;
            }
            if (i > begin) between(text.substr(begin, i - begin));
            found(here->second);
            begin = i += here->first.size();
        }
        if (begin < text.size()) between(text.substr(begin));
    }

    friend bool operator==(const LongestMatch& a, const LongestMatch& b) {
        return a.list_ == b.list_;
    }

 private:
    using Entry = std::pair<std::string, int>;
    const Entry* find(std::string_view text) const;

    std::vector<Entry> list_;  // in the order of their bytes
};

}  // namespace gradus
