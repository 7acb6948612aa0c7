// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

namespace gradus::lesson_00 {
namespace {

const Demo demo([](Stage& stage) {
    const int letters = part().alphabet_size();
    stage.say(
        fmt::format("Your function says: {} letters. Whoever guesses the next letter of a text "
                    "blindly is right once in {} times. Every model in this course is a better way "
                    "of guessing. The road:",
                    letters, letters));
    const bool unicode = stage.style().unicode;
    struct Stop {
        const char *numbers, *name, *what;
    };
    const std::vector<Stop> road = {
        {"00", "hello", "you are here"},
        {"01", "counting", "your first language model"},
        {"02-03", "arrays", "shapes, matmul, softmax"},
        {"04-08", "gradients", "which way is better?"},
        {"09-12", "learning", "a network reads digits"},
        {"13-14", "memory", "it remembers more letters"},
        {"15", "tokens", "letters become pieces"},
        {"16-20", "attention", "it looks back at all of it"},
        {"21-22", "the GPT", "built and trained, by you"},
        {"23-24", "talk", "it answers you"},
        {"25-28", "speed", "the same, many times faster"},
        {"29-31", "real models", "long texts, real weights"},
    };
    for (std::size_t i = 0; i < road.size(); ++i) {
        const char* dot = i == 0 ? (unicode ? "●" : "*") : (unicode ? "○" : "o");
        stage.print(fmt::format("{} {:<6}{}", dot, road[i].numbers, road[i].name));
        stage.print(fmt::format("{}       {}", i + 1 < road.size() ? (unicode ? "│" : "|") : " ",
                                road[i].what));
    }
    stage.print("");
    stage.say(
        "Each stop runs on what you wrote at those before it. At the end every function under your "
        "GPT is yours.");
});

const WorkedNumbers numbers([] { fmt::print("letters: {}\n", part().alphabet_size()); });

}  // namespace
}  // namespace gradus::lesson_00
