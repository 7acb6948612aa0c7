// SPDX-License-Identifier: MIT
#include "nn/tokenizers/token_text.h"

#include <algorithm>

#include "tensor/error.h"

namespace gradus {

int TokenText::bytes_per_token(Index vocabulary) {
    return vocabulary <= 1 << 8 ? 1 : vocabulary <= 1 << 16 ? 2 : 4;
}

TokenText::TokenText(Index vocabulary, Index count)
    : bytes_(std::make_shared<std::vector<std::uint8_t>>()), width_(bytes_per_token(vocabulary)) {
    bytes_->reserve(static_cast<std::size_t>(count * width_));
}

TokenText::TokenText(const std::vector<int>& ids)
    : TokenText(ids.empty() ? 1 : Index{*std::max_element(ids.begin(), ids.end())} + 1,
                static_cast<Index>(ids.size())) {
    append(ids);
}

void TokenText::append(const std::vector<int>& ids) {
    std::vector<std::uint8_t>& to = *bytes_;
    const std::size_t more = ids.size() * static_cast<std::size_t>(width_);
    require(to.size() + more <= to.capacity(), "token text: no space for {} more ids after {}",
            ids.size(), size_);
    const Index values = width_ == 4 ? Index{1} << 31 : Index{1} << (8 * width_);
    for (const int id : ids) {
        require(id >= 0 && id < values, "token text: id {} is outside 0..{}", id, values - 1);
        for (int i = 0; i < width_; ++i) to.push_back(static_cast<std::uint8_t>(id >> (8 * i)));
    }
    size_ += static_cast<Index>(ids.size());
}

int TokenText::operator[](Index i) const {
    int id = 0;
    copy(i, 1, &id);
    return id;
}

TokenText TokenText::slice(Index begin, Index end) const {
    require(0 <= begin && begin <= end && end <= size_, "token text: {}..{} of {} ids", begin, end,
            size_);
    TokenText part = *this;
    part.begin_ += begin;
    part.size_ = end - begin;
    return part;
}

void TokenText::copy(Index begin, Index count, int* to) const {
    require(0 <= begin && 0 <= count && count <= size_ - begin,
            "token text: {} ids from number {} of {}", count, begin, size_);
    const std::uint8_t* from = bytes_->data() + (begin_ + begin) * width_;
    for (Index n = 0; n < count; ++n, from += width_) {
        int id = from[0];
        for (int i = 1; i < width_; ++i) id |= from[i] << (8 * i);
        to[n] = id;
    }
}

std::vector<int> TokenText::list(Index begin, Index count) const {
    require(0 <= begin && begin <= size_ && 0 <= count, "token text: {} ids from number {} of {}",
            count, begin, size_);
    std::vector<int> ids(static_cast<std::size_t>(std::min(count, size_ - begin)));
    copy(begin, static_cast<Index>(ids.size()), ids.data());
    return ids;
}

}  // namespace gradus
