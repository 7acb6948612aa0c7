// SPDX-License-Identifier: MIT
// The words that ./gradus book and ./gradus read add to the lessons. An edition in another language
// is another set of them.
#pragma once

namespace gradus::lessons {

struct BookWords {
    const char* language;  // BCP 47
    const char* title;
    const char* built;  // the title of the closing page
    const char* about;  // below the title; HTML
    const char* contents;
    const char* minutes;  // {}: a number
    const char* to_contents;
    const char* look_for;
    const char* wrong;
    const char* formula;
    const char* table;
    const char* code;
    // ./gradus read: what is typed is Enter, or q and Enter.
    const char* show_answer;
    const char* read_on;
};

constexpr BookWords kEnglish = {
    .language = "en",
    .title = "Gradus: a GPT from scratch, step by step",
    .built = "Gradus: what you have built",
    .about =
        "The texts of all lessons, with the pictures that their demos draw. To work through "
        "one, type <code>./gradus start</code>. The answer to a question is folded up: make "
        "a guess first. On paper, all answers are unfolded.",
    .contents = "Contents",
    .minutes = "{} min",
    .to_contents = "Contents",
    .look_for = "Look for:",
    .wrong = "When something is wrong:",
    .formula = "formula",
    .table = "table",
    .code = "code",
    .show_answer = "Your answer first; then press Enter for ours.",
    .read_on = "Press Enter to read on, q and Enter to stop.",
};

}  // namespace gradus::lessons
