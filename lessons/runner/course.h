// SPDX-License-Identifier: MIT
// Everything that the runner works with: the lessons, the learner's folder, and how this build
// compiles.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "lessons/runner/lesson.h"
#include "lessons/runner/progress.h"

namespace gradus::lessons {

// The object files and preprocessor definitions of one lesson, as CMake made them.
struct Built {
    std::vector<std::string> definitions;  // -D arguments
    std::vector<std::string> check, answers, install;
};

// Read from course.json, which CMake writes.
struct BuildConfig {
    std::string compiler;
    std::vector<std::string> flags;          // common to all files of the course
    std::vector<std::string> watched, fast;  // all flags of the two flavours (compiler.h)
    std::vector<std::string> harness, libraries;
    std::vector<std::string> blame_objects;  // of ./gradus blame: all but the learner's files
    // For ./gradus gpt --mine: in float, all but the learner's files.
    std::vector<std::string> float_flags, float_objects, float_libraries;
    std::map<std::string, Built> lessons;  // by name
    std::string programs;                  // the folder of the lessons' own programs
    std::string work;                      // the folder for what the runner builds
};

struct Course {
    BuildConfig build;
    std::vector<Lesson> lessons;
    Folder folder;

    // The lesson named "3", "03", "03-matmul", "matmul" or "03_matmul.h"; for "", the current
    // lesson: the one whose unfinished file was saved last, else the first that has not been
    // passed, else the last. Throws std::invalid_argument, suggesting a similar name, if there is
    // no such lesson.
    const Lesson& lesson(const std::string& name) const;
    const Lesson& current() const;
    const Lesson* after(const Lesson& lesson) const;  // null after the last
    const Lesson* number(const std::string& number) const;
};

// Throws LessonError or FileError if the course is broken.
Course open_course();

}  // namespace gradus::lessons
