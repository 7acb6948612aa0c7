// SPDX-License-Identifier: MIT
// A model to write with: the counts of lesson 01 with a longer memory. It has read 1000 tales, and
// counted what follows each four symbols. A tale begins and ends with symbol 0.
#pragma once

#include <map>
#include <set>
#include <string>

#include "lessons/01-counting/stories.h"
#include "lessons/check/part.h"

namespace gradus::lesson_23 {

constexpr Index kMemory = 4;                      // symbols that choose the row of counts
constexpr Real kSmoothing = 0.01;                 // added to each count
constexpr const char* kPrompt = "Mia Fox found";  // what you say to it

class Counted {
 public:
    Counted() : read_(lesson_01::read_stories(1000, Stream::data)) {
        for (auto story : read_.stories) {
            story.insert(story.begin(), 0);
            story.push_back(0);
            for (std::size_t i = 1; i < story.size(); ++i) {
                auto& row = rows_[last({story.begin(), story.begin() + static_cast<long>(i)})];
                row.resize(read_.symbols.size());
                row[static_cast<std::size_t>(story[i])] += 1;
            }
            for (const auto& word : words_of(text(story))) words_.insert(word);
        }
    }

    Index V() const { return read_.V(); }
    const std::string& symbol(Index id) const {
        return read_.symbols[static_cast<std::size_t>(id)];
    }

    // The scores of what may come next: the logarithm of each count. Softmax makes of them the counts
    // as probabilities; where nothing was counted, all are equal.
    std::vector<Real> operator()(const std::vector<int>& ids) const {
        const auto row = rows_.find(last(ids));
        std::vector<Real> scores(read_.symbols.size());
        for (std::size_t i = 0; i < scores.size(); ++i)
            scores[i] = std::log((row == rows_.end() ? 0 : row->second[i]) + kSmoothing);
        return scores;
    }

    // A text as ids, after the symbol that begins a tale.
    std::vector<int> ids(const std::string& text) const {
        std::vector<int> all = {0};
        for (const char c : text) {
            const auto found =
                std::find(read_.symbols.begin(), read_.symbols.end(), std::string(1, c));
            if (found != read_.symbols.end())
                all.push_back(static_cast<int>(found - read_.symbols.begin()));
        }
        return all;
    }
    // The other way round, without the symbols at the ends.
    std::string text(const std::vector<int>& ids) const {
        std::string all;
        for (const int id : ids)
            if (id > 0 && id < V()) all += symbol(id);
        return all;
    }

    static std::vector<std::string> words_of(const std::string& text) {
        std::vector<std::string> words(1);
        for (const char c : text) c == ' ' ? void(words.emplace_back()) : words.back().push_back(c);
        return words;
    }
    // Whether it has read this word, with its comma or full stop.
    bool knows(const std::string& word) const { return words_.count(word) == 1; }

 private:
    std::vector<int> last(const std::vector<int>& ids) const {
        return {ids.end() - std::min(kMemory, static_cast<Index>(ids.size())), ids.end()};
    }

    lesson_01::Stories read_;
    std::map<std::vector<int>, std::vector<Real>> rows_;
    std::set<std::string> words_;
};

}  // namespace gradus::lesson_23
