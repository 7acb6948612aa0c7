// SPDX-License-Identifier: MIT
#include "nn/tokenizers/merge_table.h"

#include <algorithm>
#include <random>
#include <utility>

namespace gradus {

bool MergeTable::add(const Entry& entry) {
    if (find(entry.left, entry.right)) return false;
    if (2 * (size_ + 1) > slots_.size()) grow();
    std::size_t at = slot(entry.left, entry.right);
    while (slots_[at].left != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = entry;
    ++size_;
    return true;
}

std::uint64_t MergeTable::random_factor() {
    static const std::uint64_t factor = [] {
        std::random_device random;
        return std::uint64_t{random()} << 32 | random() | 1;
    }();
    return factor;
}

void MergeTable::grow() {
    constexpr std::size_t kFirst = 64;
    std::vector<Entry> old(std::max(kFirst, 2 * slots_.size()));
    old.swap(slots_);
    shift_ = 64;
    for (std::size_t n = slots_.size(); n > 1; n /= 2) --shift_;
    size_ = 0;
    for (const Entry& entry : old)
        if (entry.left != kFree) add(entry);
}

bool operator==(const MergeTable& a, const MergeTable& b) {
    return a.size_ == b.size_ &&
           std::all_of(a.slots_.begin(), a.slots_.end(), [&](const MergeTable::Entry& entry) {
               if (entry.left == MergeTable::kFree) return true;
               const MergeTable::Entry* other = b.find(entry.left, entry.right);
               return other && *other == entry;
           });
}

}  // namespace gradus
