// SPDX-License-Identifier: MIT
#include "nn/tokenizers/wordpiece.h"

#include <algorithm>

#include "nn/text/character_kinds.h"
#include "nn/text/normalise.h"
#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

// BERT counts as punctuation all visible characters of ASCII but letters and digits.
bool splits(char32_t c) {
    const bool ascii = (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) ||
                       (c >= 123 && c <= 126);
    return ascii || is_punctuation(c);
}

// These three are white space even where control characters are left out.
bool is_line_space(char32_t c) {
    return c == '\t' || c == '\n' || c == '\r';
}

}  // namespace

WordPiece::WordPiece(std::vector<std::string> vocabulary, WordPieceOptions options)
    : vocabulary_(std::move(vocabulary)),
      options_(std::move(options)),
      special_(vocabulary_.size()) {
    std::size_t all = 0;
    for (int id = 0; id < size(); ++id) {
        const std::string& token = vocabulary_[static_cast<std::size_t>(id)];
        require(!token.empty(), "wordpiece: token {} is empty", id);
        require(token.size() <= kMostTokenBytes, "wordpiece: token {} has {} bytes, at most {}", id,
                token.size(), kMostTokenBytes);
        require((all += token.size()) <= kMostVocabularyBytes,
                "wordpiece: more than {} bytes of tokens", kMostVocabularyBytes);
        require(ids_.emplace(token, id).second, "wordpiece: token {}, {}, is there twice", id,
                in_quotes(token));
    }
    unknown_ = id(options_.unknown);
    for (const std::string& token : options_.special)
        if (const auto found = ids_.find(token); found != ids_.end())
            special_[static_cast<std::size_t>(found->second)] = true;
    const std::string& mark = options_.continuing;
    std::vector<std::pair<std::string_view, int>> beginning, continuing;
    for (int id = 0; id < size(); ++id) {
        const std::string& token = vocabulary_[static_cast<std::size_t>(id)];
        const bool continues = token.size() > mark.size() && token.starts_with(mark);
        const std::string_view text = std::string_view(token).substr(continues ? mark.size() : 0);
        tokens_.emplace_back(text);
        if (is_special(id)) continue;
        beginning.emplace_back(token, id);  // a word may well begin with what looks like a "##"
        if (continues) continuing.emplace_back(text, id);
    }
    beginning_ = Trie(std::move(beginning));
    continuing_ = Trie(std::move(continuing));
}

int WordPiece::id(std::string_view token) const {
    const auto found = ids_.find(std::string(token));
    require(found != ids_.end(), "wordpiece: there is no token {}", in_quotes(token));
    return found->second;
}

const std::string& WordPiece::token(int id) const {
    require(id >= 0 && id < size(), "wordpiece: token {} is outside 0..{}", id, size() - 1);
    return tokens_[static_cast<std::size_t>(id)];
}

bool WordPiece::is_special(int id) const {
    require(id >= 0 && id < size(), "wordpiece: token {} is outside 0..{}", id, size() - 1);
    return special_[static_cast<std::size_t>(id)];
}

std::u32string WordPiece::prepared(std::string_view text) const {
    std::string plain;
    for (const char32_t c : utf8_decode(text)) {
        if (options_.clean && (c == kReplacement || (is_control(c) && !is_line_space(c)))) continue;
        const bool alone = options_.split_ideographs && is_ideograph(c);
        if (alone) plain += ' ';
        utf8_append(plain, c);
        if (alone) plain += ' ';
    }
    if (options_.strip_accents)
        plain = strip_marks(normalise(plain, NormalForm::nfd), Marks::nonspacing);
    if (options_.lowercase) plain = lowercase(plain);
    return utf8_decode(plain);
}

void WordPiece::encode(std::string_view text, std::vector<int>& ids) const {
    std::string word;
    const auto finish = [&] {
        if (!word.empty()) encode_word(word, ids);
        word.clear();
    };
    for (const char32_t c : prepared(text)) {
        if (is_white_space(c) || splits(c)) finish();
        if (is_white_space(c)) continue;
        utf8_append(word, c);
        if (splits(c)) finish();
    }
    finish();
}

void WordPiece::encode_word(std::string_view word, std::vector<int>& ids) const {
    const std::size_t before = ids.size();
    const bool fits = utf8_count(word) <= options_.longest_word;
    for (std::string_view rest = word; !rest.empty();) {
        const Trie& pieces = rest.size() == word.size() ? beginning_ : continuing_;
        const Trie::Match match = pieces.longest(rest);
        if (!fits || match.length == 0) {  // then the whole word is unknown
            ids.resize(before);
            ids.push_back(unknown_);
            return;
        }
        ids.push_back(match.id);
        rest.remove_prefix(match.length);
    }
}

std::string WordPiece::decode(const std::vector<int>& ids) const {
    constexpr std::string_view kGlued[] = {".", "?", "!", ",", "n't", "'m", "'s", "'ve", "'re"};
    std::string text;
    bool is_first = true;
    for (const int id : ids) {
        const std::string& token = this->token(id);
        const std::string& written = vocabulary_[static_cast<std::size_t>(id)];
        if (is_special(id)) continue;
        if (is_first) {
            text = written;  // with its "##": the beginning of the word is missing
            is_first = false;
            continue;
        }
        const bool glued =
            token.size() < written.size() ||
            std::any_of(std::begin(kGlued), std::end(kGlued),
                        [&](std::string_view begin) { return token.starts_with(begin); });
        if (!glued) text += ' ';
        text += token;
    }
    return text;
}

}  // namespace gradus
