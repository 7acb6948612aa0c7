// SPDX-License-Identifier: MIT
// A long text as token ids, in as few bytes each as the vocabulary allows: one up to 256 tokens, two
// up to 65,536, otherwise four. An English text takes as much memory as its file.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tensor/real.h"

namespace gradus {

// Copies and slices share the ids, which no longer change once there are any.
class TokenText {
 public:
    TokenText() : TokenText(std::vector<int>()) {}
    TokenText(const std::vector<int>& ids);  // implicit: a text may be given as a list of ids

    // Space for `count` ids below `vocabulary`, to be filled from the front by append(), which
    // throws std::invalid_argument if there are more.
    TokenText(Index vocabulary, Index count);
    void append(const std::vector<int>& ids);

    Index size() const { return size_; }
    int operator[](Index i) const;
    TokenText slice(Index begin, Index end) const;          // end is exclusive
    void copy(Index begin, Index count, int* to) const;     // ids begin .. begin + count - 1
    std::vector<int> list(Index begin, Index count) const;  // the same, as many as there are
    static int bytes_per_token(Index vocabulary);

 private:
    std::shared_ptr<std::vector<std::uint8_t>> bytes_;
    int width_ = 1;  // bytes per id, little end first
    Index begin_ = 0, size_ = 0;
};

}  // namespace gradus
