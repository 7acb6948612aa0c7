// SPDX-License-Identifier: MIT
#include "nn/tokenizers/bpe.h"

#include <algorithm>

#include "nn/text/utf8.h"
#include "nn/tokenizers/token_row.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr std::size_t kMostTokens = 1 << 22;  // the largest vocabularies in use have 2^18
constexpr int kNoToken = TokenRow::kNone;

}  // namespace

Bpe::Bpe(std::vector<Pair> merges, Split split, const std::vector<std::string>& specials,
         const std::vector<unsigned char>& bytes)
    : byte_ids_(256, kNoToken), merges_(std::move(merges)), split_(split) {
    require(bytes.empty() || bytes.size() == 256, "bpe: {} bytes, must be 256", bytes.size());
    for (int i = 0; i < 256; ++i) {
        const auto byte =
            bytes.empty() ? static_cast<unsigned char>(i) : bytes[static_cast<std::size_t>(i)];
        require(byte_ids_[byte] == kNoToken, "bpe: byte {} is listed twice", byte);
        byte_ids_[byte] = i;
        tokens_.emplace_back(1, static_cast<char>(byte));
    }
    std::size_t total = 256;  // bytes; a list that doubles its last token grows like 2^n
    for (const auto& [left, right] : merges_) {
        const int number = size() - 256;
        require(left >= 0 && right >= 0 && left < size() && right < size(),
                "bpe: merge {} joins tokens {} and {}, but there are only {} before it", number,
                left, right, size());
        require(merged_.add({left, right, number, size()}),
                "bpe: merge {} joins tokens {} and {} again", number, left, right);
        const auto& begin = tokens_[static_cast<std::size_t>(left)];
        const auto& end = tokens_[static_cast<std::size_t>(right)];
        total += begin.size() + end.size();
        require(total <= kMostVocabularyBytes,
                "bpe: with merge {}, the tokens have more than {} bytes", number,
                kMostVocabularyBytes);
        tokens_.push_back(begin + end);
    }
    is_special_.resize(tokens_.size());
    tokens_.insert(tokens_.end(), specials.begin(), specials.end());
    is_special_.resize(tokens_.size(), true);
}

Bpe::Bpe(BpeTable table)
    : tokens_(std::move(table.tokens)),
      is_special_(tokens_.size()),
      added_(std::move(table.added)),
      byte_ids_(256, kNoToken),
      merges_(std::move(table.merges)),
      split_(table.split),
      nfc_(table.nfc) {
    require(tokens_.size() <= kMostTokens, "bpe: {} tokens, at most {} are allowed", tokens_.size(),
            kMostTokens);
    const auto require_short = [&](int id) {  // bounds the work for one place in a text
        require(token(id).size() <= kMostTokenBytes,
                "bpe: token {} has {} bytes, at most {} are allowed", id, token(id).size(),
                kMostTokenBytes);
    };
    for (const int id : table.specials) {
        require_short(id);
        is_special_[static_cast<std::size_t>(id)] = true;
    }
    std::vector<bool> is_added(tokens_.size());
    std::vector<std::pair<std::string, int>> names;
    for (const int id : added_) {
        require_short(id);
        require(!is_special(id), "bpe: token {} is special, so it is not cut out of text", id);
        is_added[static_cast<std::size_t>(id)] = true;
        names.emplace_back(token(id), id);
    }
    added_names_ = LongestMatch(std::move(names));

    std::size_t total = 0;
    std::unordered_map<std::string_view, int> ids;
    for (const bool added : {false, true})  // of equal bytes, those of a merge come first
        for (int id = 0; id < size(); ++id) {
            const auto at = static_cast<std::size_t>(id);
            if (tokens_[at].empty()) is_special_[at] = true;
            if (is_special_[at] || is_added[at] != added) continue;
            total += tokens_[at].size();
            require(total <= kMostVocabularyBytes, "bpe: the tokens have more than {} bytes",
                    kMostVocabularyBytes);
            const auto [found, is_new] = ids.emplace(tokens_[at], id);
            require(is_new || added, "bpe: tokens {} and {} are both {}", found->second, id,
                    in_quotes(tokens_[at]));
        }
    for (int byte = 0; byte < 256; ++byte) {
        const char text = static_cast<char>(byte);
        const auto found = ids.find({&text, 1});
        require(found != ids.end(), "bpe: byte {} is not a token", byte);
        byte_ids_[static_cast<std::size_t>(byte)] = found->second;
    }
    require(merges_.empty() || !table.merge_lowest_id,
            "bpe: {} merges are listed, although the lowest id is to merge first", merges_.size());
    if (table.merge_lowest_id)
        add_splits(ids);
    else
        add_listed_merges(ids);
    if (table.whole_words) words_ = {ids.begin(), ids.end()};
}

void Bpe::add_listed_merges(const std::unordered_map<std::string_view, int>& ids) {
    int number = 0;
    for (const auto& [left, right] : merges_) {
        const std::string joined = token(left) + token(right);
        const auto found = ids.find(joined);
        require(found != ids.end(), "bpe: merge {} makes {}, which is not a token", number,
                in_quotes(joined));
        require(merged_.add({left, right, number, found->second}),
                "bpe: merge {} joins tokens {} and {} again", number, left, right);
        ++number;
    }
}

void Bpe::add_splits(const std::unordered_map<std::string_view, int>& ids) {
    for (const auto& [text, id] : ids) {
        require(text.size() <= kMostTokenBytes,
                "bpe: token {} has {} bytes, at most {} are allowed", id, text.size(),
                kMostTokenBytes);
        for (std::size_t cut = 1; cut < text.size(); ++cut) {
            const auto left = ids.find(text.substr(0, cut));
            if (left == ids.end()) continue;
            const auto right = ids.find(text.substr(cut));
            if (right != ids.end()) merged_.add({left->second, right->second, id, id});
        }
    }
}

const std::string& Bpe::token(int id) const {
    require(id >= 0 && id < size(), "bpe: token {} is outside 0..{}", id, size() - 1);
    return tokens_[static_cast<std::size_t>(id)];
}

bool Bpe::is_special(int id) const {
    require(id >= 0 && id < size(), "bpe: token {} is outside 0..{}", id, size() - 1);
    return is_special_[static_cast<std::size_t>(id)];
}

std::vector<std::string> Bpe::specials() const {
    std::vector<std::string> names;
    for (int id = 0; id < size(); ++id)
        if (is_special(id)) names.push_back(token(id));
    return names;
}

int Bpe::special(std::string_view name) const {
    for (int id = 0; id < size(); ++id)
        if (is_special(id) && token(id) == name) return id;
    require(false, "bpe: there is no special token {}", in_quotes(name));
    return kNoToken;
}

std::string Bpe::decode(const std::vector<int>& ids) const {
    std::string text;
    for (const int id : ids) {
        const std::string& bytes = token(id);
        if (!is_special(id)) text += bytes;
    }
    return text;
}

std::vector<unsigned char> Bpe::byte_order() const {
    std::vector<unsigned char> bytes;
    for (int id = 0; id < std::min(size(), 256) && token(id).size() == 1; ++id)
        bytes.push_back(static_cast<unsigned char>(token(id)[0]));
    return bytes.size() == 256 ? bytes : std::vector<unsigned char>();
}

bool Bpe::in_order() const {
    const std::vector<unsigned char> bytes = byte_order();
    const std::vector<std::string> names = specials();
    if (bytes.empty() || tokens_.size() != bytes.size() + merges_.size() + names.size())
        return false;
    try {
        return Bpe(merges_, split_, names, bytes) == *this;
    } catch (const std::invalid_argument&) {  // a merge of a later id, or a byte twice
        return false;
    }
}

bool operator==(const Bpe& a, const Bpe& b) {
    return a.split_ == b.split_ && a.tokens_ == b.tokens_ && a.is_special_ == b.is_special_ &&
           a.added_names_ == b.added_names_ && a.byte_ids_ == b.byte_ids_ &&
           a.words_.empty() == b.words_.empty() && a.nfc_ == b.nfc_ && a.merged_ == b.merged_;
}

}  // namespace gradus
