// SPDX-License-Identifier: MIT
// A learner who has passed every lesson, with our solutions.
#pragma once

#include <string>

#include "lessons/runner/lesson.h"
#include "lessons/runner/progress.h"
#include "tests/lessons/learner.h"

namespace gradus {

// `but`: the number of a lesson that they have left out.
inline void pass_all(const Learner& learner, const std::string& but = "") {
    std::string progress;
    for (const auto& lesson : lessons::read_lessons(GRADUS_SOURCE_DIR "/lessons")) {
        if (lesson.number == but) continue;
        const std::string text = read_file(lesson.path("solution.h"));
        learner.write(text, lesson.file);
        progress += lesson.name + " passed=" + lessons::hash_of_code(text) + "\n";
    }
    learner.write(progress, "progress.txt");
}

}  // namespace gradus
