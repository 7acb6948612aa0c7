// SPDX-License-Identifier: MIT
// The frozen preset of this lesson's demo: the stories, the sizes of the GPT, the schedule, and the
// losses of other seeds, so that "is my loss normal?" has an answer.
#pragma once

#include <algorithm>
#include <array>
#include <sstream>

#include "lessons/21-gpt/yours.h"
#include "lessons/22-training/given.h"
#include "nn/data/tales.h"

namespace gradus::lesson_22 {

// "Mia has five kites . She gives Ben two . Mia has three left ." There are 864 stories, all equally
// likely: 4 heroes, 3 numbers, 4 things, 3 friends, 2 gifts, 3 ends; all else follows. A token is a
// word or a full stop; with the end token a story has 15, 16 or 17 of them, on average 16. So no
// model's mean loss is below ln 864 / 16, but by chance or because it has seen the answers.
inline TaleGrammar grammar() {
    const std::vector<std::string> names = {"Mia", "Zoe", "Ben", "Tom"},
                                   numbers = {"one", "two", "three", "four", "five", "six"};
    using Chosen = const std::vector<int>&;  // places in the list of words
    return {
        "gifts",
        "Mia",
        "{hero} has {number} {thing} . {pronoun} gives {friend} {gift} . {hero} has {rest} {end}\n",
        {{"hero", names},
         {"number",
          numbers,
          {},
          [](Chosen) {
              return std::vector<int>{3, 4, 5};
          }},
         {"thing", {"kites", "shells", "bells", "drums"}},
         {"pronoun",
          {"She", "He"},
          {"hero"},
          [](Chosen given) { return std::vector<int>{given[0] < 2 ? 0 : 1}; },
          "the pronoun follows the hero"},
         {"friend",
          names,
          {"hero"},
          [](Chosen given) {
              std::vector<int> others = {0, 1, 2, 3};
              others.erase(others.begin() + given[0]);
              return others;
          },
          "the friend is somebody else"},
         {"gift",
          numbers,
          {},
          [](Chosen) {
              return std::vector<int>{0, 1};
          }},
         {"rest",
          numbers,
          {"number", "gift"},
          [](Chosen given) { return std::vector<int>{given[0] - given[1] - 1}; },
          "number - gift = rest"},
         {"end", {".", "left .", "at home ."}}}};
}

constexpr int kEnd = 0;  // the token at the end of every story

// Between stories and tokens.
inline const std::vector<std::string>& words() {
    static const std::vector<std::string> list = {
        "#",    "Mia",   "Zoe",   "Ben",  "Tom",   "has",    "one",   "two",
        "four", "three", "five",  "six",  "kites", "shells", "bells", "drums",
        "She",  "He",    "gives", "left", "at",    "home",   "."};
    return list;
}
inline std::vector<int> tokens_of(const std::string& story) {
    std::vector<int> tokens;
    std::istringstream in(story);
    for (std::string word; in >> word;)
        tokens.push_back(
            static_cast<int>(std::find(words().begin(), words().end(), word) - words().begin()));
    tokens.push_back(kEnd);
    return tokens;
}
inline std::string text_of(const std::vector<int>& tokens) {
    std::string text;
    for (const int token : tokens)
        text += (text.empty() ? "" : " ") + words().at(static_cast<std::size_t>(token));
    return text;
}

// Sizes, seed and schedule of the demo's run.
constexpr Sizes kSizes = {.V = 23, .P = 20, .C = 24, .NH = 2, .layers = 1};
constexpr Index kBatch = 8;  // stories in a step
constexpr RateSchedule kSchedule = {.steps = 600, .warmup = 30, .lr = 0.01, .min_lr = 0.001};
constexpr double kLimit = 1;  // of the gradient's norm
constexpr std::uint64_t kSeed = 1;

// The reference band: the lowest and the highest loss of runs with the seeds 2 to 21 in place of
// kSeed. A seed chooses the first weights and the stories of each step; the loss is always that of the
// same 48 stories.
// It is narrow: of 40 right runs with the seeds 101 to 140, which had no part in the band or in the
// choice of the sizes, 22 leave it in at least one row, 42 rows of 520; all end within 0.43 to 0.49.
struct Band {
    Index step;
    double low, high;
};
constexpr Index kEvery = 50;
constexpr std::array<Band, 13> kBand = {{
    {0, 3.117, 3.178},
    {50, 0.690, 0.736},
    {100, 0.609, 0.696},
    {150, 0.516, 0.632},
    {200, 0.483, 0.615},
    {250, 0.457, 0.517},
    {300, 0.445, 0.506},
    {350, 0.444, 0.494},
    {400, 0.442, 0.488},
    {450, 0.430, 0.488},
    {500, 0.432, 0.490},
    {550, 0.426, 0.488},
    {600, 0.426, 0.487},
}};

// The stories of a step.
inline std::vector<std::vector<int>> stories_of(const Tales& tales, std::uint64_t seed,
                                                Index step) {
    std::vector<std::vector<int>> list;
    for (Index b = 0; b < kBatch; ++b)
        list.push_back(
            tokens_of(tales.document(seed, static_cast<std::uint64_t>(step * kBatch + b))));
    return list;
}

// 48 others, on which the loss is measured: 16 of each length, so that a model that knows the rules
// has exactly the loss ln 864 / 16.
inline std::vector<std::vector<int>> measured_stories(const Tales& tales) {
    std::vector<std::vector<int>> list;
    std::array<int, 3> of_length = {};
    for (std::uint64_t i = 0; list.size() < 48; ++i) {
        const auto story = tokens_of(tales.document(1, i, Stream::validation));
        if (++of_length.at(story.size() - 15) <= 16) list.push_back(story);
    }
    return list;
}
inline double floor_of_stories() {
    return std::log(864.0) / 16;
}

}  // namespace gradus::lesson_22
