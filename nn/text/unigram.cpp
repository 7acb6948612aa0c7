// SPDX-License-Identifier: MIT
#include "nn/text/unigram.h"

#include <algorithm>
#include <limits>

#include "nn/text/utf8.h"

namespace gradus {

Unigram::Unigram(std::vector<Piece> all, PieceText text)
    : PieceModel(std::move(all), std::move(text)) {
    // These are the initial values in SentencePiece too: with scores below 0, the best is the second.
    float worst = std::numeric_limits<float>::max();
    best_score_ = std::numeric_limits<float>::min();
    std::vector<std::pair<std::string_view, int>> entries;
    for (int id = 0; id < size(); ++id) {
        const Piece& p = piece(id);
        if (p.type == PieceType::normal) {
            worst = std::min(worst, p.score);
            best_score_ = std::max(best_score_, p.score);
        }
        if (p.type == PieceType::normal || p.type == PieceType::user_defined)
            entries.emplace_back(p.text, id);
    }
    unknown_score_ = worst - 10.0F;
    trie_ = Trie(std::move(entries));
}

std::vector<PieceModel::Part> Unigram::split(std::string_view written) const {
    // The best way to write the text up to an offset: its score and its last piece.
    struct Best {
        float score = 0;
        Part last{0, kUnknown};  // a length of 0: none found yet
    };
    std::vector<Best> best(written.size() + 1);
    std::size_t character = 0;
    for (std::size_t begin = 0; begin < written.size(); begin += character) {
        character = utf8_first(written.substr(begin)).size();
        const float score = best[begin].score;
        const auto consider = [&](Part part, double sum) {
            Best& to = best[begin + part.length];
            if (to.last.length == 0 || sum > to.score) to = {static_cast<float>(sum), part};
        };
        bool is_known = false;
        trie_.matches(written.substr(begin), [&](std::size_t length, int id) {
            // A user-defined piece costs so little that it is always taken.
            const Piece& p = pieces()[static_cast<std::size_t>(id)];
            const double more = p.type == PieceType::user_defined
                                    ? static_cast<float>(length) * best_score_ - 0.1
                                    : p.score;
            consider({length, id}, score + more);
            is_known |= length == character;
        });
        if (!is_known) consider({character, kUnknown}, score + unknown_score_);
    }
    std::vector<Part> parts;
    for (std::size_t end = written.size(); end > 0; end -= best[end].last.length)
        parts.push_back(best[end].last);
    std::reverse(parts.begin(), parts.end());
    return parts;
}

}  // namespace gradus
