// SPDX-License-Identifier: MIT
#include "nn/tokenizers/sentencepiece.h"

#include <algorithm>
#include <climits>
#include <queue>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

std::uint64_t key(int left, int right) {
    return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 |
           static_cast<std::uint32_t>(right);
}

constexpr int kNone = -1;  // no neighbour

}  // namespace

// A part of the word: at first a character or a user-defined piece, later what has been merged.
struct SentencePiece::Symbol {
    int begin, length;  // bytes; a length of 0: merged into its left neighbour
    int before, after;  // the neighbours
    int id;             // of its piece, or kUnknown
    bool user_defined;  // merges with nothing
};

SentencePiece::SentencePiece(std::vector<Piece> pieces, PieceText text,
                             const std::optional<std::vector<Pair>>& merges)
    : PieceModel(std::move(pieces), std::move(text)), by_pairs_(merges.has_value()) {
    for (const Piece& piece : this->pieces()) longest_ = std::max(longest_, piece.text.size());
    if (!merges) return;
    for (const auto& [left, right] : *merges) {
        const std::string &begin = piece(left).text, &end = piece(right).text;
        const std::size_t rank = merges_.size();
        const Merge merge{-static_cast<double>(rank), find(begin + end)};
        require(merge.id != kUnknown,
                "sentencepiece: merge {} joins {} and {}, which do not form a piece", rank,
                in_quotes(begin), in_quotes(end));
        require(merges_.emplace(key(left, right), merge).second,
                "sentencepiece: merge {} joins {} and {} again", rank, in_quotes(begin),
                in_quotes(end));
    }
}

std::vector<SentencePiece::Pair> SentencePiece::merges() const {
    struct Way {
        double score;
        std::size_t length;  // of the left piece
        Pair pair;
    };
    std::vector<Way> ways;
    for (const auto& [pair, merge] : merges_)
        ways.push_back(
            {merge.score, 0, {static_cast<int>(pair >> 32), static_cast<int>(pair & 0xFFFFFFFF)}});
    for (std::size_t id = 0; !by_pairs_ && id < pieces().size(); ++id) {
        const Piece& whole = pieces()[id];
        if (find(whole.text) != static_cast<int>(id)) continue;  // not one that text can be
        for (std::size_t cut = 1; cut < whole.text.size(); ++cut) {
            if (utf8_continues(whole.text[cut])) continue;
            const int left = find(std::string_view(whole.text).substr(0, cut)),
                      right = find(std::string_view(whole.text).substr(cut));
            if (left != kUnknown && right != kUnknown)
                ways.push_back({whole.score, cut, {left, right}});
        }
    }
    std::sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
        if (a.score != b.score) return a.score > b.score;
        return a.length != b.length ? a.length > b.length : a.pair < b.pair;
    });
    std::vector<Pair> list;
    for (const Way& way : ways) list.push_back(way.pair);
    return list;
}

SentencePiece::Merge SentencePiece::merge_of(std::string_view both, int left, int right) const {
    if (by_pairs_) {
        const auto found = merges_.find(key(left, right));
        return found == merges_.end() ? Merge{0, kUnknown} : found->second;
    }
    const int id = both.size() <= longest_ ? find(both) : kUnknown;
    return {id == kUnknown ? 0 : pieces()[static_cast<std::size_t>(id)].score, id};
}

std::vector<PieceModel::Part> SentencePiece::split(std::string_view written) const {
    std::vector<Part> parts;
    if (!pieces_are_words()) {
        split_word(written, parts);
        return parts;
    }
    std::unordered_map<std::string_view, std::vector<Part>> known;
    while (!written.empty()) {
        const std::string_view word = written.substr(0, next_word(written));
        const auto [at, is_new] = known.try_emplace(word);
        if (is_new) split_word(word, at->second);
        parts.insert(parts.end(), at->second.begin(), at->second.end());
        written.remove_prefix(word.size());
    }
    return parts;
}

void SentencePiece::split_word(std::string_view word, std::vector<Part>& parts) const {
    require(word.size() <= INT_MAX, "sentencepiece: a text of {} bytes, at most {}", word.size(),
            INT_MAX);
    std::vector<Symbol> symbols;
    for (std::size_t i = 0; i < word.size();) {
        const Trie::Match defined = user_defined().longest(word.substr(i));
        const bool is_defined = defined.length > 0;
        const std::string_view text =
            word.substr(i, is_defined ? defined.length : utf8_first(word.substr(i)).size());
        const int at = static_cast<int>(symbols.size());
        symbols.push_back({static_cast<int>(i), static_cast<int>(text.size()), at - 1, at + 1,
                           is_defined ? defined.id : find(text), is_defined});
        i += text.size();
    }
    if (symbols.empty()) return;
    symbols.back().after = kNone;
    const auto symbol = [&](int at) -> Symbol& { return symbols[static_cast<std::size_t>(at)]; };
    const auto text_of = [&](int begin, int length) {
        return word.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(length));
    };

    struct Candidate {
        double score;
        int left, length, id;                           // the left symbol; of both together
        bool operator<(const Candidate& other) const {  // true: the other goes first
            return score != other.score ? score < other.score : left > other.left;
        }
    };
    std::priority_queue<Candidate> queue;
    // What an unused piece was made of: the length of its left part.
    std::unordered_map<std::string_view, int> halves;
    const auto consider = [&](int at) {
        if (at == kNone || symbol(at).after == kNone) return;
        const Symbol &left = symbol(at), &right = symbol(left.after);
        if (left.user_defined || right.user_defined) return;
        const int length = left.length + right.length;
        const std::string_view both = text_of(left.begin, length);
        const Merge merge = merge_of(both, left.id, right.id);
        if (merge.id == kUnknown) return;
        queue.push({merge.score, at, length, merge.id});
        if (piece(merge.id).type == PieceType::unused) halves[both] = left.length;
    };
    for (int at = 0; at < static_cast<int>(symbols.size()); ++at) consider(at);
    while (!queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        Symbol& left = symbol(top.left);
        if (left.length == 0 || left.after == kNone) continue;
        Symbol& right = symbol(left.after);
        // One of them has grown. If both together have not, they are the same two as before.
        if (left.length + right.length != top.length) continue;
        left.length = top.length, left.id = top.id;
        right.length = 0;
        left.after = right.after;
        if (left.after != kNone) symbol(left.after).before = top.left;
        consider(left.before);
        consider(top.left);
    }

    for (int at = 0; at != kNone; at = symbol(at).after) {
        // Unused pieces are taken apart again, the left half first.
        std::vector<Symbol> rest = {symbol(at)};
        while (!rest.empty()) {
            const Symbol next = rest.back();
            rest.pop_back();
            const std::string_view text = text_of(next.begin, next.length);
            const bool unused = next.id != kUnknown && piece(next.id).type == PieceType::unused;
            const auto half = unused ? halves.find(text) : halves.end();
            if (half == halves.end()) {
                parts.push_back({text.size(), next.id});
                continue;
            }
            for (const auto& [begin, length] :
                 {std::pair(half->second, next.length - half->second), std::pair(0, half->second)})
                rest.push_back({next.begin + begin, length, kNone, kNone,
                                find(text_of(next.begin + begin, length)), false});
        }
    }
}

}  // namespace gradus
