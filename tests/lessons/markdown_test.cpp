// SPDX-License-Identifier: MIT
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/markdown.h"

#include <doctest/doctest.h>

#include <cctype>
#include <regex>

#include "lessons/runner/course.h"
#include "tests/text.h"

using namespace gradus;
using namespace gradus::lessons;

namespace {

Blocks read(const std::string& text) {
    return read_markdown(text, "page.md");
}

// The letters and digits of a text, which no mark-up may lose or double.
std::string letters(const std::string& text) {
    std::string out;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c))) out += c;
    return out;
}

std::string letters(const Blocks& blocks) {
    std::string out;
    for (const auto& block : blocks) {
        int number = block.first;
        if (block.kind == BlockKind::answer) out += letters(block.info);
        out += letters(block.text) + letters(plain_text(block.spans));
        for (const auto& row : block.rows)
            for (const auto& cell : row) out += letters(plain_text(cell));
        for (const auto& item : block.items)
            out += (block.first > 0 ? std::to_string(number++) : "") + letters(item);
    }
    return out;
}

}  // namespace

TEST_CASE("markdown: every kind of block, with its line and its parts") {
    const Blocks blocks = read(
        "# Title\n\nA line,\nanother *one* with **bold `code`**, $`x_i`$ and [a *link*](to/it).\n\n"
        "- first\n  goes on\n- second\n\n      code\n\n1. one\n\n   two [2, 1] a * b\n\n"
        "| a | b |\n|---|---|\n| 1 | `2` |\n\n> said\n\n    ./gradus\n\n```math\nx^2\n```\n\n"
        "<details><summary>The answer</summary>\n\nYes.\n\n```text demo\n1 "
        "*2\n```\n\n</details>\n\n"
        "<!-- picture: bell -->\n");
    REQUIRE(blocks.size() == 10);
    CHECK(blocks[0].kind == BlockKind::heading);
    CHECK(blocks[0].level == 1);
    const Block& text = blocks[1];
    CHECK(text.kind == BlockKind::paragraph);
    CHECK(text.line == 3);
    REQUIRE(text.spans.size() == 9);
    CHECK(text.spans[0].text == "A line, another ");
    CHECK(text.spans[1].kind == SpanKind::emphasis);
    CHECK(text.spans[3].kind == SpanKind::strong);
    CHECK(text.spans[3].inside[1].kind == SpanKind::code);
    CHECK(text.spans[5].kind == SpanKind::math);
    CHECK(text.spans[5].text == "x_i");
    CHECK(text.spans[7].kind == SpanKind::link);
    CHECK(text.spans[7].target == "to/it");
    CHECK(plain_text(text.spans) == "A line, another one with bold code, x_i and a link.");
    const Block& list = blocks[2];
    CHECK(list.first == 0);
    REQUIRE(list.items.size() == 2);
    CHECK(plain_text(list.items[0][0].spans) == "first goes on");
    CHECK(list.items[1][1].kind == BlockKind::code);
    CHECK(list.items[1][1].line == 10);
    CHECK(list.items[1][1].text == "code\n");
    CHECK(blocks[3].first == 1);
    CHECK(plain_text(blocks[3].items[0][1].spans) == "two [2, 1] a * b");
    CHECK(blocks[4].rows[1][1][0].kind == SpanKind::code);
    CHECK(blocks[5].kind == BlockKind::quote);
    CHECK(blocks[6].info == "sh");
    CHECK(blocks[7].kind == BlockKind::math);
    CHECK(blocks[8].kind == BlockKind::answer);
    CHECK(blocks[8].info == "The answer");
    CHECK(blocks[8].items[0][1].info == "text demo");
    CHECK(blocks[8].items[0][1].text == "1 *2\n");
    CHECK(blocks[9].kind == BlockKind::picture);
    CHECK(blocks[9].info == "bell");
}

TEST_CASE("markdown: what the lessons do not use is refused, with the line") {
    const auto refused = [](const std::string& text, const std::string& what) {
        CAPTURE(text);
        CHECK_THROWS_WITH_AS(read(text), doctest::Contains(("page.md: line " + what).c_str()),
                             LessonError);
    };
    refused("a\n\n### b\n", "3: a heading begins with \"# \" or \"## \": ### b");
    refused("```python\nx\n```\n", "1: code is ```text");
    refused("\n```text\nx\n", "2: ```text has no end");
    refused("  a\n", "1: indented by neither 0 nor 4 blanks");
    refused("a\n- b\n", "2: cannot stand in a paragraph: - b");
    refused("- a\nb\n", "2: a line of a list's item is indented by 2 blanks");
    refused("| a | b |\n|---|---|\n| 1 |\n", "3: a table of 2 columns has 1 in this line");
    refused("| a |\n| 1 |\n", "2: the second line of a table");
    refused("<details><summary>A</summary>\nb\n</details>\n",
            "1: an answer stands between two blank lines");
    refused("<details><summary>A</summary>\n\nb\n", "1: <details><summary>A</summary> has no </d");
    refused("<div>\n", "1: cannot stand in a paragraph: <div>");
    refused("a <b>\n", "1: not in the Markdown of the lessons: <b>");
    refused("a\nb ![c](d)\n", "2: not in the Markdown of the lessons: ![c](d)");
    refused("a &amp; b\n", "1: not in the Markdown of the lessons: &amp;");
    refused("a `b\n", "1: ` has no `");
    refused("a\n**b\n", "2: ** has no **");
    refused("a  \nb\n", "1: no line break is wanted");
    refused("a\nb $`\\foo`$\n", "2: formula: cannot read \\foo");
    refused("\n```math\nx^\n```\n", "2: formula: cannot read");
    CHECK_THROWS_WITH(read_markdown("![", "page.md", 7), doctest::Contains("line 7"));
}

TEST_CASE("markdown: every lesson is read whole") {
    static const std::regex marks(
        R"(</?details>|</?summary>|<!-- picture: \S+ -->|\]\([^)\s]+\)|(^|\n) *```[a-z ]*)");
    const auto lessons = open_course().lessons;
    REQUIRE(lessons.size() > 12);
    for (const auto& lesson : lessons) {
        CAPTURE(lesson.name);
        const std::string text = lesson_text(lesson);
        CHECK(letters(lesson_blocks(lesson)) == letters(std::regex_replace(text, marks, " ")));
    }
}
#endif
