// SPDX-License-Identifier: MIT
// A lesson's text as HTML, without script: formulas as MathML, the demo's pictures as SVG.
#pragma once

#include <string>
#include <vector>

#include "lessons/runner/book_words.h"
#include "lessons/runner/markdown.h"
#include "lessons/runner/pictures.h"

namespace gradus::lessons {

// An <article> whose heading, an h2, has the id "lesson-03".
std::string lesson_html(const Blocks& blocks, const Lesson& lesson,
                        const std::vector<DemoPicture>& pictures, const BookWords& words);

}  // namespace gradus::lessons
