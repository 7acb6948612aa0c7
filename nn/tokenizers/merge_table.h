// SPDX-License-Identifier: MIT
// The table at the heart of BPE: which two neighbouring tokens merge, into what, and how soon.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace gradus {

// Open addressing with linear probing, at most half full, so a look-up mostly touches one cache
// line: 16 bytes per slot, 2 MiB for GPT-2's 50,000 merges.
class MergeTable {
 public:
    struct Entry {
        std::int32_t left = kFree, right = kFree;
        std::int32_t priority = 0;  // the lowest merges first
        std::int32_t id = 0;        // what the two become
        bool operator==(const Entry&) const = default;
    };

    // False, and nothing is done, if the pair is there already.
    bool add(const Entry& entry);
    // Null if the two do not merge. Valid until the next add().
    const Entry* find(std::int32_t left, std::int32_t right) const {
        if (slots_.empty()) return nullptr;
        for (std::size_t at = slot(left, right);; at = (at + 1) & (slots_.size() - 1)) {
            const Entry& entry = slots_[at];
            if (entry.left == left && entry.right == right) return &entry;
            if (entry.left == kFree) return nullptr;
        }
    }
    std::size_t size() const { return size_; }

    // The same entries, in whatever order they came.
    friend bool operator==(const MergeTable& a, const MergeTable& b);

 private:
    static constexpr std::int32_t kFree = -1;

    // The high bits of the product with an odd number (Dietzfelbinger et al. 1997, A reliable randomized
    // algorithm for the closest-pair problem). It is drawn at random, so that no file can be made in
    // which all merges want the same slot: with a known number, 80,000 such took 16 s to add. What is
    // found does not depend on it.
    std::size_t slot(std::int32_t left, std::int32_t right) const {
        const auto key = std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
                         static_cast<std::uint32_t>(right);
        return static_cast<std::size_t>(key * factor_ >> shift_);
    }
    static std::uint64_t random_factor();  // the same throughout the program
    void grow();

    std::uint64_t factor_ = random_factor();
    std::vector<Entry> slots_;  // a power of two
    std::size_t size_ = 0;
    int shift_ = 64;
};

}  // namespace gradus
