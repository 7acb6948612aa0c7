// SPDX-License-Identifier: MIT
// The grammar of tiny tales: a one-line story with blanks, and for each blank the words that may
// fill it, as a function of the words chosen for earlier blanks.
#pragma once

#include <string>
#include <vector>

namespace gradus {

// A blank in a story. Its first mention chooses one of the allowed words, all equally likely; every
// later mention copies that word. A blank with a single allowed word carries no information: it
// follows from the others.
struct Blank {
    std::string name;
    std::vector<std::string> words;
    // Which words are allowed, as indices into `words`: a function of the words chosen for the
    // blanks named in `given`, in that order. It depends on nothing else, which makes the exact
    // entropy cheap to compute. nullptr: all words. Must accept every combination of words (the
    // checker passes wrong ones too) and may return an empty list.
    std::vector<std::string> given = {};
    std::vector<int> (*allowed)(const std::vector<int>& given) = nullptr;
    std::string rule = {};  // for the checker: "the friend is one of the hero's three friends"
};

// A story with blanks, "{hero} found {number} ...\n", and its blanks in the order of their first
// mention.
struct TaleGrammar {
    std::string name, prompt, story;
    std::vector<Blank> blanks;
};

// "Mia Fox found six red kites at sea. She gave Ben two and a hug. Now Mia Fox has four red kites
// and Ben has two." Entropy 21.50 bits; 117.81 characters on average (128 at most); an alphabet
// of 42; floor 0.1265 nats per character.
TaleGrammar english_tales();

// 松鼠朵朵在河边捡到七个红苹果，分给阿宝五个。松鼠朵朵还剩两个红苹果，阿宝抱着五个，乐了。
// Entropy 20.50 bits; 45 characters; an alphabet of 80; floor 0.3157 nats per character.
TaleGrammar chinese_tales();

}  // namespace gradus
