// SPDX-License-Identifier: MIT
// Reads the Markdown that the lessons are written in, and nothing else: headings, paragraphs, lists,
// tables, quotations, code, formulas, <details> for the answer to a question, and <!-- picture: NAME
// --> for a picture of the lesson's demo. GitHub shows the same files, so whatever it would show in
// another way is refused, with the line.
#pragma once

#include <string>
#include <vector>

namespace gradus::lessons {

struct Lesson;

enum class SpanKind { text, code, math, strong, emphasis, link };

// A piece of a paragraph.
struct Span {
    SpanKind kind = SpanKind::text;
    std::string text;          // of text, code and math: $`x_i`$ has the text "x_i"
    std::string target;        // of a link
    std::vector<Span> inside;  // of strong, emphasis and link
};
using Spans = std::vector<Span>;

enum class BlockKind { heading, paragraph, code, math, quote, list, table, answer, picture };

struct Block {
    BlockKind kind = BlockKind::paragraph;
    int line = 0;      // where it begins; the first line is 1
    int level = 0;     // of a heading: 1 or 2
    int first = 0;     // of a list: its first number, or 0 if it has bullets
    std::string info;  // of code: "text demo", or "sh" if it is indented; of an answer: its
                       // summary; of a picture: its name
    std::string text;  // of code and math, with its line breaks
    Spans spans;       // of a heading or paragraph
    std::vector<std::vector<Spans>> rows;   // of a table; the first row is its head
    std::vector<std::vector<Block>> items;  // of a list; a quote or an answer has one
};
using Blocks = std::vector<Block>;

// `file` and `first_line`, the number of the text's first line in it, are for error messages. Throws
// LessonError.
Blocks read_markdown(const std::string& text, const std::string& file, int first_line = 1);

// The text of a lesson, with the line numbers of its README.md. Throws LessonError.
Blocks lesson_blocks(const Lesson& lesson);

// The words of a paragraph or a heading without their mark-up; formulas as they are written.
std::string plain_text(const Spans& spans);

}  // namespace gradus::lessons
