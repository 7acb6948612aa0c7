// SPDX-License-Identifier: MIT
// The pictures of a lesson's demo, drawn by our solution: they exist before anything is solved.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/course.h"
#include "lessons/runner/show.h"
#include "nn/plot/picture.h"

namespace gradus::lessons {

struct DemoPicture {
    std::string name;
    Caption caption;
    std::string text;  // as lines of the given style
    std::string svg;   // if wanted
};

enum class Svg { wanted, unwanted };

// Runs the demo, in which training may take a second or two. Throws std::invalid_argument if it ends
// early.
std::vector<DemoPicture> demo_pictures(const Course& course, const Lesson& lesson,
                                       const TerminalStyle& style, Svg svg);

// The one of that name; throws std::invalid_argument if there is none.
const DemoPicture& picture_named(const std::vector<DemoPicture>& pictures, const std::string& name,
                                 const Lesson& lesson);

}  // namespace gradus::lessons
