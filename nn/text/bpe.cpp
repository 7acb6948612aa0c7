// SPDX-License-Identifier: MIT
#include "nn/text/bpe.h"

#include <queue>

#include "nn/text/pretokens.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

std::uint64_t key(int left, int right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
}

constexpr std::size_t kMostBytes = 1 << 26;  // of all tokens together; GPT-2's have 320,000
constexpr int kGone = -1;  // no token: merged into its left neighbour, or the end of a word

// Words as one row of tokens. Merging leaves gaps, so every token knows its neighbours.
struct Row {
    std::vector<int> token, before, after;

    void add(int id, bool begins) {
        const int at = static_cast<int>(token.size());
        token.push_back(id);
        before.push_back(begins ? kGone : at - 1);
        after.push_back(kGone);
        if (!begins) after[static_cast<std::size_t>(at) - 1] = at;
    }
    int& operator[](int at) { return token[static_cast<std::size_t>(at)]; }
    int left_of(int at) const { return before[static_cast<std::size_t>(at)]; }
    int right_of(int at) const { return after[static_cast<std::size_t>(at)]; }
    // Puts `id` in the place of the tokens `at` and right_of(at).
    void merge(int at, int id) {
        const int gone = right_of(at), next = right_of(gone);
        (*this)[at] = id;
        (*this)[gone] = kGone;
        after[static_cast<std::size_t>(at)] = next;
        if (next != kGone) before[static_cast<std::size_t>(next)] = at;
    }
};

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
    std::unordered_map<std::uint64_t, Pair> pairs_;
    std::priority_queue<Entry> queue_;
};

}  // namespace

Bpe::Bpe(std::vector<Pair> merges, Split split, std::vector<std::string> specials,
         const std::vector<unsigned char>& bytes)
    : merges_(std::move(merges)),
      split_(split),
      specials_(std::move(specials)),
      byte_ids_(256, kGone) {
    require(bytes.empty() || bytes.size() == 256, "bpe: {} bytes, must be 256", bytes.size());
    for (int i = 0; i < 256; ++i) {
        const auto byte =
            bytes.empty() ? static_cast<unsigned char>(i) : bytes[static_cast<std::size_t>(i)];
        require(byte_ids_[byte] == kGone, "bpe: byte {} is listed twice", byte);
        byte_ids_[byte] = i;
        tokens_.emplace_back(1, static_cast<char>(byte));
    }
    std::size_t total = 256;  // bytes; a list that doubles its last token grows like 2^n
    for (const auto& [left, right] : merges_) {
        require(left >= 0 && right >= 0 && left < size() && right < size(),
                "bpe: merge {} joins tokens {} and {}, but there are only {} before it",
                size() - 256, left, right, size());
        require(merged_.emplace(key(left, right), size()).second,
                "bpe: merge {} joins tokens {} and {} again", size() - 256, left, right);
        const auto& begin = tokens_[static_cast<std::size_t>(left)];
        const auto& end = tokens_[static_cast<std::size_t>(right)];
        total += begin.size() + end.size();
        require(total <= kMostBytes, "bpe: with merge {}, the tokens have more than {} bytes",
                size() - 256, kMostBytes);
        tokens_.push_back(begin + end);
    }
    tokens_.insert(tokens_.end(), specials_.begin(), specials_.end());
}

Bpe Bpe::train(std::string_view text, int merges, Split split) {
    WordCounts words;
    if (split == Split::none)
        words.emplace(text, 1);
    else
        for (const std::string_view word : split_words(text)) ++words[std::string(word)];
    Bpe bpe = train(words, merges);
    bpe.split_ = split;
    return bpe;
}

Bpe Bpe::train(const WordCounts& words, int merges,
               const std::function<void(double done)>& progress) {
    require(merges >= 0, "bpe: {} merges, must be at least 0", merges);
    std::vector<std::int64_t> times;  // by place in the row
    Row row;
    for (const auto& [word, count] : words)
        for (std::size_t i = 0; i < word.size(); ++i) {
            row.add(static_cast<unsigned char>(word[i]), i == 0);
            times.push_back(count);
        }
    const auto times_at = [&](int at) { return times[static_cast<std::size_t>(at)]; };

    Pairs pairs;
    for (int at = 0; at < static_cast<int>(row.token.size()); ++at)
        if (const int right = row.right_of(at); right != kGone)
            pairs.change(row[at], row[right], times_at(at), at);

    std::vector<Pair> learnt;
    int left = 0, right = 0;
    while (static_cast<int>(learnt.size()) < merges && pairs.next(left, right)) {
        const int id = 256 + static_cast<int>(learnt.size());
        if (progress && id % 16 == 0) progress((id - 256.0) / merges);
        learnt.emplace_back(left, right);
        for (const int at : pairs.take_places(left, right)) {
            const int gone = row[at] == left ? row.right_of(at) : kGone;
            if (gone == kGone || row[gone] != right) continue;  // merged meanwhile
            const std::int64_t n = times_at(at);
            const int before = row.left_of(at), after = row.right_of(gone);
            pairs.change(left, right, -n, at);
            if (before != kGone) {
                pairs.change(row[before], left, -n, before);
                pairs.change(row[before], id, n, before);
            }
            if (after != kGone) {
                pairs.change(right, row[after], -n, gone);
                pairs.change(id, row[after], n, at);
            }
            row.merge(at, id);
        }
    }
    return Bpe(std::move(learnt));
}

const std::string& Bpe::token(int id) const {
    require(id >= 0 && id < size(), "bpe: token {} is outside 0..{}", id, size() - 1);
    return tokens_[static_cast<std::size_t>(id)];
}

int Bpe::special(std::string_view name) const {
    for (std::size_t i = 0; i < specials_.size(); ++i)
        if (specials_[i] == name) return size() - static_cast<int>(specials_.size() - i);
    require(false, "bpe: there is no special token {}", in_quotes(name));
    return kGone;
}

// The earliest merge first, and of equal ones the leftmost.
void Bpe::encode_word(std::string_view word, std::vector<int>& ids) const {
    struct Merge {
        int token, at, left, right;
        bool operator<(const Merge& other) const {  // true: the other goes first
            return std::pair(other.token, other.at) < std::pair(token, at);
        }
    };
    Row row;
    for (std::size_t i = 0; i < word.size(); ++i)
        row.add(byte_ids_[static_cast<unsigned char>(word[i])], i == 0);
    std::priority_queue<Merge> queue;
    const auto consider = [&](int at) {
        if (at == kGone || row.right_of(at) == kGone) return;
        const int left = row[at], right = row[row.right_of(at)];
        if (const auto found = merged_.find(key(left, right)); found != merged_.end())
            queue.push({found->second, at, left, right});
    };
    for (int at = 0; at < static_cast<int>(word.size()); ++at) consider(at);
    while (!queue.empty()) {
        const Merge merge = queue.top();
        queue.pop();
        const int gone = row[merge.at] == merge.left ? row.right_of(merge.at) : kGone;
        if (gone == kGone || row[gone] != merge.right) continue;  // no longer there
        row.merge(merge.at, merge.token);
        consider(row.left_of(merge.at));
        consider(merge.at);
    }
    for (const int id : row.token)
        if (id != kGone) ids.push_back(id);
}

std::vector<int> Bpe::encode(std::string_view text) const {
    std::vector<int> ids;
    if (split_ == Split::none) {
        encode_word(text, ids);
        return ids;
    }
    // Words repeat: each different one is encoded once.
    std::unordered_map<std::string_view, std::vector<int>> known;
    for (const std::string_view word : split_words(text)) {
        const auto [at, is_new] = known.try_emplace(word);
        if (is_new) encode_word(word, at->second);
        ids.insert(ids.end(), at->second.begin(), at->second.end());
    }
    return ids;
}

std::string Bpe::decode(const std::vector<int>& ids) const {
    std::string text;
    for (const int id : ids) {
        const std::string& bytes = token(id);
        if (!is_special(id)) text += bytes;
    }
    return text;
}

bool operator==(const Bpe& a, const Bpe& b) {
    return a.merges_ == b.merges_ && a.split_ == b.split_ && a.specials_ == b.specials_ &&
           a.byte_ids_ == b.byte_ids_;
}

}  // namespace gradus
