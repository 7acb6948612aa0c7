// SPDX-License-Identifier: MIT
// The frame of the course's pages: a single file, without script, for any screen and for paper.
#pragma once

#include <string>

#include "lessons/runner/book_words.h"

namespace gradus::lessons {

// `header`: HTML that stands above the articles.
std::string book_page(const BookWords& words, const std::string& title, const std::string& header,
                      const std::string& articles);

}  // namespace gradus::lessons
