// SPDX-License-Identifier: MIT
// What a line of progress says, and that it says nothing where nobody looks.
#include "nn/terminal/progress_line.h"

#include <doctest/doctest.h>

#include "nn/text/display_width.h"
#include "tests/nn/run/quiet_output.h"

using namespace gradus;

TEST_CASE("a line of progress gives the fraction done, and the time left at the same pace") {
    const std::string what = "Learning 2000 merges from book.txt";
    CHECK(progress_text(what, 0.4, 2, 80) == what + ": 40%, 3 s left");
    CHECK(progress_text(what, 0.5, 100, 80) == what + ": 50%, 1:40 left");
    CHECK(progress_text(what, 0, 5, 80) == what + ": 0%");
    CHECK(progress_text(what, 1, 5, 80) == what + ": 100%, 0 s left");
    CHECK(progress_text(what, 1.5, 5, 80) == what + ": 100%, 0 s left");
}

TEST_CASE("a line of progress that is too wide keeps its numbers") {
    CHECK(progress_text("Reading a book.txt", 0.4, 2, 24) == "Reading a: 40%, 3 s left");
    CHECK(progress_text("Reading 三国演义.txt", 0.4, 2, 28) == "Reading 三国: 40%, 3 s left");
    for (int columns = 16; columns < 50; ++columns)
        CHECK(display_width(progress_text("Reading 三国演义.txt", 0.4, 2, columns)) <= columns);
}

TEST_CASE("a line of progress is silent without a terminal, and in its first half second") {
    QuietOutput output;
    {
        ProgressLine piped({}, "Reading"), live({.live = true}, "Reading");
        for (const double done : {0.0, 0.5, 1.0}) piped(done), live(done);
    }
    CHECK(output.text().empty());
}
