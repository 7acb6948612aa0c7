// SPDX-License-Identifier: MIT
// Learning the merges: sections of Bpe::train.
#include <limits>
#include <queue>

#include "nn/progress.h"
#include "nn/tokenizers/bpe.h"
#include "nn/tokenizers/token_row.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// What is known of the pairs while merges are learnt. A pair's places may include some where it no
// longer stands, and the queue holds old counts: both are noticed when they come up.
class Pairs {
 public:
    void change(int left, int right, std::int64_t by, int at) {
        Pair& pair = pairs_[key(left, right)];
        pair.count += by;
        if (by < 0) return;  // next() notices
        pair.places.push_back(at);
        queue_.push({pair.count, left, right});
    }
    // The most frequent pair that occurs at least twice; false if there is none.
    bool next(int& left, int& right) {
        for (; !queue_.empty(); queue_.pop()) {
            const Entry top = queue_.top();
            const std::int64_t count = pairs_[key(top.left, top.right)].count;
            if (count < 2) continue;
            if (count < top.count) {  // it has become rarer
                queue_.push({count, top.left, top.right});
                // Its old entry, still on top of the new one, is popped by the loop.
                continue;
            }
            left = top.left, right = top.right;
            return true;
        }
        return false;
    }
    std::vector<int> take_places(int left, int right) {
        return std::move(pairs_[key(left, right)].places);
    }

 private:
    struct Pair {
        std::int64_t count = 0;
        std::vector<int> places;  // of the left token
    };
    struct Entry {
        std::int64_t count;
        int left, right;
        bool operator<(const Entry& other) const {  // true: the other goes first
            if (count != other.count) return count < other.count;
            return std::pair(other.left, other.right) < std::pair(left, right);
        }
    };
    static std::uint64_t key(int left, int right) {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
               static_cast<std::uint32_t>(right);
    }
    std::unordered_map<std::uint64_t, Pair> pairs_;
    std::priority_queue<Entry> queue_;
};

}  // namespace

Bpe Bpe::train(std::string_view text, int merges, Split split) {
    WordCounts words;
    for (const std::string_view word : split_words(text, split)) ++words[std::string(word)];
    return train(words, merges, split);
}

Bpe Bpe::train(const WordCounts& words, int merges, Split split) {
    require(merges >= 0, "bpe: {} merges, must be at least 0", merges);
    std::size_t bytes = 0;  // their places in the row are ints
    for (const auto& [word, count] : words) bytes += word.size();
    require(bytes <= std::numeric_limits<int>::max(),
            "bpe: different words of {} bytes in all, at most {}", bytes,
            std::numeric_limits<int>::max());
    constexpr int kNowhere = TokenRow::kNone;
    std::vector<std::int64_t> times;  // by place in the row
    TokenRow row;
    for (const auto& [word, count] : words)
        for (std::size_t i = 0; i < word.size(); ++i) {
            row.add(static_cast<unsigned char>(word[i]), i == 0);
            times.push_back(count);
        }
    const auto times_at = [&](int at) { return times[static_cast<std::size_t>(at)]; };

    Pairs pairs;
    for (int at = 0; at < row.places(); ++at)
        if (const int right = row.right_of(at); right != kNowhere)
            pairs.change(row[at], row[right], times_at(at), at);

    std::vector<Pair> learnt;
    int left = 0, right = 0;
    while (static_cast<int>(learnt.size()) < merges && pairs.next(left, right)) {
        const int id = 256 + static_cast<int>(learnt.size());
        if (id % 16 == 0) Progress::report((id - 256.0) / merges);
        learnt.emplace_back(left, right);
        for (const int at : pairs.take_places(left, right)) {
            const int gone = row[at] == left ? row.right_of(at) : kNowhere;
            if (gone == kNowhere || row[gone] != right) continue;  // merged meanwhile
            const std::int64_t n = times_at(at);
            const int before = row.left_of(at), after = row.right_of(gone);
            pairs.change(left, right, -n, at);
            if (before != kNowhere) {
                pairs.change(row[before], left, -n, before);
                pairs.change(row[before], id, n, before);
            }
            if (after != kNowhere) {
                pairs.change(right, row[after], -n, gone);
                pairs.change(id, row[after], n, at);
            }
            row.merge(at, id);
        }
    }
    return Bpe(std::move(learnt), split);
}

}  // namespace gradus
