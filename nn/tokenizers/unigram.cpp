// SPDX-License-Identifier: MIT
#include "nn/tokenizers/unigram.h"

#include <algorithm>
#include <limits>

#include "nn/text/utf8.h"

namespace gradus {

Unigram::Unigram(std::vector<Piece> all, PieceText text, Sums sums)
    : PieceModel(std::move(all), std::move(text)), sums_(sums) {
    // These are the initial values in SentencePiece too: with scores below 0, the best is the second.
    double worst = std::numeric_limits<float>::max(), best = std::numeric_limits<float>::min();
    for (const Piece& p : pieces())
        if (p.type == PieceType::normal)
            worst = std::min(worst, p.score), best = std::max(best, p.score);
    unknown_score_ = rounded(worst - 10);
    std::vector<std::pair<std::string_view, int>> entries;
    for (int id = 0; id < size(); ++id) {
        const Piece& p = piece(id);
        // A user-defined piece costs so little that it is always taken.
        const bool defined = p.type == PieceType::user_defined;
        const auto length = static_cast<double>(p.text.size());
        scores_.push_back(defined ? rounded(length * best) - 0.1 : p.score);
        if (p.type == PieceType::normal || defined) entries.emplace_back(p.text, id);
    }
    trie_ = Trie(std::move(entries));
}

double Unigram::rounded(double sum) const {
    return sums_ == Sums::in_single ? static_cast<float>(sum) : sum;
}

std::vector<PieceModel::Part> Unigram::split(std::string_view written) const {
    // The best way to write the text up to an offset: its score and its last piece.
    struct Best {
        double score = 0;
        Part last{0, kUnknown};  // a length of 0: none found yet
    };
    std::vector<Best> best(written.size() + 1);
    std::size_t character = 0;
    for (std::size_t begin = 0; begin < written.size(); begin += character) {
        character = utf8_first(written.substr(begin)).size();
        const double score = best[begin].score;
        // SentencePiece compares before it rounds, but for the unknown piece.
        const auto consider = [&](Part part, double sum) {
            Best& to = best[begin + part.length];
            if (to.last.length == 0 || sum > to.score) to = {rounded(sum), part};
        };
        bool is_known = false;
        trie_.matches(written.substr(begin), [&](std::size_t length, int id) {
            consider({length, id}, score + scores_[static_cast<std::size_t>(id)]);
            is_known |= length == character;
        });
        if (!is_known) consider({character, kUnknown}, rounded(score + unknown_score_));
    }
    std::vector<Part> parts;
    for (std::size_t end = written.size(); end > 0; end -= best[end].last.length)
        parts.push_back(best[end].last);
    std::reverse(parts.begin(), parts.end());
    return parts;
}

}  // namespace gradus
