// SPDX-License-Identifier: MIT
// From text to ids: the encoding part of Bpe.
#include <array>
#include <cstring>
#include <limits>
#include <queue>

#include "nn/text/normalise.h"
#include "nn/tokenizers/bpe.h"
#include "nn/tokenizers/token_row.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr int kNone = TokenRow::kNone;

// Up to this many bytes, scanning the whole word for its next merge is faster than a queue.
constexpr std::size_t kShortWord = 64;

// Up to this many bytes, merging takes no longer than finding what an earlier word became.
constexpr std::size_t kTinyWord = 3;

std::uint64_t eight_bytes(const char* from) {
    std::uint64_t value;
    std::memcpy(&value, from, 8);
    return value;
}

// Only equal words need equal values, so the byte order of the machine does not matter.
std::uint64_t hash_of(std::string_view word) {
    constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15u;  // 2^64 / golden ratio
    std::uint64_t hash = word.size() * kOdd;
    std::size_t i = 0;
    for (; i + 8 <= word.size(); i += 8) {
        hash = (hash ^ eight_bytes(word.data() + i)) * kOdd;
        hash ^= hash >> 32;
    }
    std::uint64_t rest = 0;
    for (; i < word.size(); ++i) rest = rest << 8 | static_cast<unsigned char>(word[i]);
    hash = (hash ^ rest) * kOdd;
    return hash ^ hash >> 32;
}

}  // namespace

void Bpe::encode_word(std::string_view word, std::vector<int>& ids) const {
    if (!words_.empty()) {
        const auto found = words_.find(std::string(word));
        if (found != words_.end()) return ids.push_back(found->second);
    }
    if (word.size() <= kShortWord)
        merge_short(word, ids);
    else
        merge_long(word, ids);
}

// The earliest merge first, and of equal ones the leftmost.
void Bpe::merge_short(std::string_view word, std::vector<int>& ids) const {
    constexpr int kNever = std::numeric_limits<int>::max();
    struct Part {
        int token, priority, merged;  // the last two: of this token and the next one
    };
    std::array<Part, kShortWord> parts;
    std::size_t count = 0;
    for (const char byte : word)
        parts[count++] = {byte_ids_[static_cast<unsigned char>(byte)], kNever, kNone};
    const auto look_up = [&](std::size_t at) {
        const MergeTable::Entry* entry =
            at + 1 < count ? merged_.find(parts[at].token, parts[at + 1].token) : nullptr;
        parts[at].priority = entry ? entry->priority : kNever;
        parts[at].merged = entry ? entry->id : kNone;
    };
    for (std::size_t at = 0; at < count; ++at) look_up(at);
    while (count > 1) {
        std::size_t best = 0;
        for (std::size_t at = 1; at < count; ++at)
            if (parts[at].priority < parts[best].priority) best = at;
        if (parts[best].priority == kNever) break;
        parts[best].token = parts[best].merged;
        --count;
        for (std::size_t at = best + 1; at < count; ++at) parts[at] = parts[at + 1];
        look_up(best);
        if (best > 0) look_up(best - 1);
    }
    for (std::size_t at = 0; at < count; ++at) ids.push_back(parts[at].token);
}

// The same with a queue.
void Bpe::merge_long(std::string_view word, std::vector<int>& ids) const {
    require(word.size() <= std::numeric_limits<int>::max(), "bpe: a word of {} bytes, at most {}",
            word.size(), std::numeric_limits<int>::max());
    struct Merge {
        int priority, at, left, right, id;
        bool operator<(const Merge& other) const {  // true: the other goes first
            return std::pair(other.priority, other.at) < std::pair(priority, at);
        }
    };
    TokenRow row;
    for (std::size_t i = 0; i < word.size(); ++i)
        row.add(byte_ids_[static_cast<unsigned char>(word[i])], i == 0);
    std::priority_queue<Merge> queue;
    const auto consider = [&](int at) {
        if (at == kNone || row.right_of(at) == kNone) return;
        const int left = row[at], right = row[row.right_of(at)];
        if (const MergeTable::Entry* found = merged_.find(left, right))
            queue.push({found->priority, at, left, right, found->id});
    };
    for (int at = 0; at < row.places(); ++at) consider(at);
    while (!queue.empty()) {
        const Merge merge = queue.top();
        queue.pop();
        const int gone = row[merge.at] == merge.left ? row.right_of(merge.at) : kNone;
        if (gone == kNone || row[gone] != merge.right) continue;  // no longer there
        row.merge(merge.at, merge.id);
        consider(row.left_of(merge.at));
        consider(merge.at);
    }
    for (int at = 0; at < row.places(); ++at)
        if (row[at] != kNone) ids.push_back(row[at]);
}

// Words repeat, so the last word of each hash value is remembered, with the place of its ids, in a
// table of 1 MiB at most: a larger one would miss the second-level cache. Then a word costs the walk
// through its bytes and one look-up; without the table, a look-up per byte and two per merge. GPT-2's
// merges, one core: tiny Shakespeare takes 50 MB/s with the table and 31 without, Chinese clauses that
// hardly repeat 18 and 19 (bench: tokenizer/encode_gpt2, tokenizer/encode_new_words).
void Bpe::encode_words(std::string_view text, std::vector<int>& ids) const {
    struct Seen {
        std::string_view word;
        std::size_t first = 0, count = 0;  // in ids
    };
    std::size_t slots = 16;
    while (slots < text.size() / 8 && slots < (1 << 15)) slots *= 2;
    std::vector<Seen> seen(slots);
    for (std::size_t i = 0; i < text.size();) {
        const std::size_t end = word_end(text, i, split_), first = ids.size();
        const std::string_view word = text.substr(i, end - i);
        i = end;
        if (word.size() <= kTinyWord && words_.empty()) {
            merge_short(word, ids);
            continue;
        }
        Seen& last = seen[hash_of(word) & (slots - 1)];
        if (last.word == word) {
            for (std::size_t k = 0; k < last.count; ++k) ids.push_back(ids[last.first + k]);
        } else {
            encode_word(word, ids);
            last = {word, first, ids.size() - first};
        }
    }
}

void Bpe::encode(std::string_view text, std::vector<int>& ids) const {
    std::string normal;
    if (nfc_) text = normal = normalise(text, NormalForm::nfc);
    added_names_.cut(
        text, [&](std::string_view stretch) { encode_words(stretch, ids); },
        [&](int id) { ids.push_back(id); });
}

std::vector<int> Bpe::encode(std::string_view text) const {
    std::vector<int> ids;
    encode(text, ids);
    return ids;
}

}  // namespace gradus
