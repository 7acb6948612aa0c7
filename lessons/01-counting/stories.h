// SPDX-License-Identifier: MIT
// The tiny tales as numbers: what this lesson's check and demo read.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "lessons/learn.h"
#include "nn/data/tales.h"

namespace gradus::lesson_01 {

struct Stories {
    std::vector<std::string> symbols;       // symbols[0] is the line end that closes a story
    std::vector<std::vector<int>> stories;  // without it
    double floor;                           // nats per character: no model's loss is lower
    Index V() const { return static_cast<Index>(symbols.size()); }
};

// `count` stories. Those of Stream::validation are others than those of Stream::data.
inline Stories read_stories(int count, Stream stream) {
    const Tales tales(english_tales());
    Stories result{tales.alphabet(), {}, tales.floor()};
    const auto end = std::find(result.symbols.begin(), result.symbols.end(), "\n");
    std::rotate(result.symbols.begin(), end, end + 1);
    for (int i = 0; i < count; ++i) {
        std::string story = tales.document(1, static_cast<std::uint64_t>(i), stream);
        story.pop_back();
        std::vector<int> text;
        for (const char c : story)
            text.push_back(static_cast<int>(
                std::find(result.symbols.begin(), result.symbols.end(), std::string(1, c)) -
                result.symbols.begin()));
        result.stories.push_back(text);
    }
    return result;
}

}  // namespace gradus::lesson_01
