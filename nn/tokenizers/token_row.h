// SPDX-License-Identifier: MIT
// Words as one row of tokens, in which neighbours are merged. Merging leaves gaps, so every token
// knows the place of the one before it and the one after it.
#pragma once

#include <cstddef>
#include <vector>

namespace gradus {

class TokenRow {
 public:
    static constexpr int kNone = -1;  // no token: merged into its left neighbour, or a word's end

    void add(int id, bool begins_word) {
        const int at = static_cast<int>(ids_.size());
        ids_.push_back(id);
        before_.push_back(begins_word ? kNone : at - 1);
        after_.push_back(kNone);
        if (!begins_word) after_[static_cast<std::size_t>(at) - 1] = at;
    }
    int places() const { return static_cast<int>(ids_.size()); }
    int operator[](int at) const { return ids_[static_cast<std::size_t>(at)]; }
    int left_of(int at) const { return before_[static_cast<std::size_t>(at)]; }
    int right_of(int at) const { return after_[static_cast<std::size_t>(at)]; }
    // Puts `id` in the place of the tokens `at` and right_of(at).
    void merge(int at, int id) {
        const int gone = right_of(at), next = right_of(gone);
        ids_[static_cast<std::size_t>(at)] = id;
        ids_[static_cast<std::size_t>(gone)] = kNone;
        after_[static_cast<std::size_t>(at)] = next;
        if (next != kNone) before_[static_cast<std::size_t>(next)] = at;
    }

 private:
    std::vector<int> ids_, before_, after_;
};

}  // namespace gradus
