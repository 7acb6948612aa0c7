// SPDX-License-Identifier: MIT
// A lesson, read from its folder lessons/NN-name: the front matter of README.md, hints.md,
// mutants.md, neighbours.md, part.inc. lessons/AUTHORING.md describes each file.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gradus::lessons {

// A lesson's file breaks a rule: "lessons/03-matmul/hints.md: has 2 hints; three are needed".
struct LessonError : std::runtime_error {
    LessonError(const std::string& file, const std::string& what)
        : std::runtime_error(file + ": " + what) {}
};

// A typical mistake: lines of the solution and what replaces them.
struct Change {
    std::string before, after;
};
struct Mutant {
    std::string name;      // "no-max"
    std::string sentence;  // what is wrong and why
    std::vector<Change> changes;
};

struct Lesson {
    std::string name;    // "03-matmul", the folder's name
    std::string number;  // "03"
    std::string file;    // "03_matmul.h", the learner's
    std::string folder;  // its path
    std::string title;
    int minutes = 0;                     // for the whole lesson
    int reading = 0;                     // of these, for the text, at 200 words per minute
    std::vector<std::string> needs;      // numbers of lessons whose text is taken for granted
    std::vector<std::string> uses;       // numbers of lessons whose functions the check calls
    std::vector<std::string> forbidden;  // library names the learner's file must not call
    int seconds = 5;                     // CPU time that a check may take
    std::vector<std::string> functions;  // those that the learner writes, from part.inc
    std::vector<std::string> hints;      // three
    std::vector<Mutant> mutants;
    // Near neighbours, named "near-...": wrong as well, but not to be taken for a mutant. Their
    // sentences say what they do, to authors.
    std::vector<Mutant> neighbours;

    std::string path(std::string_view file_name) const;  // of a file in the folder
    const Mutant* mutant(std::string_view name) const;   // null if no mutant has that name
};

// One lesson, or all lessons in a folder, in order of their numbers. Throws LessonError.
Lesson read_lesson(const std::string& folder);
std::vector<Lesson> read_lessons(const std::string& lessons_folder);

// solution.h with the mutant's changes applied. Throws LessonError unless each `before` occurs in
// the solution exactly once.
std::string mutated(const Lesson& lesson, const Mutant& mutant);

// The text of a lesson's file. Throws LessonError if it is missing.
std::string lesson_file(const std::string& path);

// README.md without its front matter.
std::string lesson_text(const Lesson& lesson);

}  // namespace gradus::lessons
