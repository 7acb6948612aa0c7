// SPDX-License-Identifier: MIT
// Describes the mistakes in a story. Unlike the exact engine in tales.cpp, this continues after the
// first mistake, so that everything a half-trained model got wrong is reported.
#include <fmt/format.h>

#include <algorithm>

#include "nn/data/tales.h"
#include "nn/text/utf8.h"

namespace gradus {

// Checks a text against the story, piece by piece: first its shape (any word from a blank's list
// will do), then the rules. If the shape is broken, it reports that and resumes at the next place
// that fits.
struct Tales::Checker {
    static constexpr std::size_t npos = std::string_view::npos;

    const Tales& tales;
    std::string_view document;
    std::vector<int> chosen;             // blank -> its word; kUnknown: not in its list
    std::vector<std::string_view> said;  // blank -> its first mention, as in the text
    std::size_t at = 0;
    std::vector<std::string> faults = {};

    template <class... Args>
    void report(fmt::format_string<Args...> format, Args&&... args) {
        faults.push_back(fmt::format(format, std::forward<Args>(args)...));
    }

    // Reads piece i, from the end of the previous one. False if the rest cannot be judged.
    bool read(std::size_t i) {
        const Piece& piece = tales.pieces_[i];
        const std::string_view rest = document.substr(at);
        if (ends_within(piece, rest)) {
            // What matters is where the text ends: show its last 16 characters.
            const auto all = utf8_characters(document);
            const auto tail = all.size() > 16 ? all[all.size() - 16].data() - document.data() : 0;
            report("story unfinished: it stops after {}", in_quotes(document.substr(tail)));
            return false;
        }
        const std::size_t length = tales.match(i, rest);
        if (length == npos) return resume(i, rest);
        at += length;
        if (piece.blank != kLiteral) judge(piece, rest.substr(0, length));
        return true;
    }

    // A text that ends within a piece (even at "kite", which may become "kites") is unfinished, not
    // wrong.
    bool ends_within(const Piece& piece, std::string_view rest) const {
        const auto cut_off = [&](std::string_view words) {
            return rest.size() < words.size() && words.starts_with(rest);
        };
        if (piece.blank == kLiteral) return cut_off(piece.literal);
        return std::ranges::any_of(tales.grammar_.blanks[piece.blank].words, cut_off);
    }

    // Piece i is missing here: looks further on for this literal or for the piece after it, and
    // reports what is there instead. False if neither is found.
    bool resume(std::size_t i, std::string_view rest) {
        const Piece& piece = tales.pieces_[i];
        const bool literal = piece.blank == kLiteral;
        std::size_t skip = 0;
        bool itself = false, after = false;
        for (; skip < rest.size(); ++skip) {
            if (utf8_continues(rest[skip])) continue;
            itself = literal && tales.match(i, rest.substr(skip)) != npos;
            after = i + 1 < tales.pieces_.size() && tales.match(i + 1, rest.substr(skip)) != npos;
            if (itself || after) break;
        }
        const std::string skipped = in_quotes(rest.substr(0, skip));
        if (literal && skip > 0)
            report("{} instead of {}", skipped, in_quotes(piece.literal));
        else if (literal)
            report("{} is missing before {}", in_quotes(piece.literal), in_quotes(rest));
        else if (after && skip == 0)
            report("{} is missing before {}", name_of(piece), in_quotes(rest));
        else
            report("unknown word {} for {}", skipped, name_of(piece));
        if (!itself && !after) {
            report("story unfinished: no ending found");
            return false;
        }
        if (!literal && piece.first) said[piece.blank] = rest.substr(0, skip);
        at += skip + (itself ? piece.literal.size() : 0);
        return true;
    }

    // A word from a blank's list: it must match the first mention, which must be an allowed word.
    void judge(const Piece& piece, std::string_view word) {
        std::string_view& first = said[piece.blank];
        if (!piece.first) {
            if (word != first)
                report("{} changes from {} to {}", name_of(piece),
                       first.empty() ? "nothing" : in_quotes(first), in_quotes(word));
            return;
        }
        first = word;
        const Blank& blank = tales.grammar_.blanks[piece.blank];
        const auto found = std::find(blank.words.begin(), blank.words.end(), word);
        const int choice = static_cast<int>(found - blank.words.begin());
        chosen[piece.blank] = choice;
        const std::vector<int> choices = tales.allowed(piece.blank, chosen);
        // No choices: an earlier word is unknown or breaks a rule itself, and has been reported.
        if (choices.empty() || std::find(choices.begin(), choices.end(), choice) != choices.end())
            return;
        if (choices.size() == 1)
            report("{} is {}, not {}: {}", blank.name, in_quotes(word),
                   in_quotes(blank.words[choices[0]]), blank.rule);
        else
            report("{} is {}: {}", blank.name, in_quotes(word), blank.rule);
    }

    const std::string& name_of(const Piece& piece) const {
        return tales.grammar_.blanks[piece.blank].name;
    }
};

// Bytes of `text` that match `piece`, with the longest word that fits; npos if none does.
std::size_t Tales::match(std::size_t piece, std::string_view text) const {
    const Piece& p = pieces_[piece];
    if (p.blank == kLiteral)
        return text.starts_with(p.literal) ? p.literal.size() : std::string_view::npos;
    std::size_t best = std::string_view::npos;
    for (const std::string& word : grammar_.blanks[p.blank].words)
        if (text.starts_with(word) && (best == std::string_view::npos || word.size() > best))
            best = word.size();
    return best;
}

std::vector<std::string> Tales::violations(std::string_view document) const {
    const std::size_t blanks = grammar_.blanks.size();
    Checker checker{*this, document, std::vector<int>(blanks, kUnknown),
                    std::vector<std::string_view>(blanks)};
    for (std::size_t i = 0; i < pieces_.size(); ++i)
        if (!checker.read(i)) return checker.faults;
    if (checker.at < document.size())
        checker.report("text goes on after the end: {}", in_quotes(document.substr(checker.at)));
    return checker.faults;
}

}  // namespace gradus
