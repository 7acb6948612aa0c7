// SPDX-License-Identifier: MIT
// progress.txt: what it keeps, and how it counts a learner's time.
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/progress.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>

#include "nn/files/atomic_file.h"
#include "tests/lessons/learner.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;
using namespace gradus::lessons;

TEST_CASE("a line that ends in several carriage returns is read once and for all") {
    const TemporaryFolder folder;
    const std::string path = folder.file("progress.txt");
    write_file(path, "03-matmul tries=2\r\r\n# a note\r\r\n");
    const Progress progress = Progress::read(path);
    CHECK(progress.of("03-matmul").tries == 2);
    progress.write();
    CHECK(Progress::read(path).all().size() == 1);
}

TEST_CASE("times are written for people, and read back; anything else is not a time") {
    CHECK(text_of_time(0) == "1970-01-01T00:00:00Z");
    CHECK(text_of_time(1709251199) == "2024-02-29T23:59:59Z");
    for (const std::int64_t time : {std::int64_t{1}, std::int64_t{1709251199}, unix_time()})
        CHECK(time_of_text(text_of_time(time)) == time);
    for (const char* text :
         {"", "yesterday", "2024-02-30T00:00:00Z", "2024-02-29T24:00:00Z", "2024-02-29 23:59:59Z",
          "2024-02-29T23:59:5xZ", "1960-01-01T00:00:00Z", "2024-02-29T23:59:59Z0"}) {
        CAPTURE(text);
        CHECK(time_of_text(text) == 0);
    }
}

TEST_CASE(
    "time counts if no more than ten minutes went by, for the lesson at hand, until it passes") {
    Progress progress;
    const auto seconds = [&](const char* lesson) { return progress.of(lesson).seconds; };
    progress.spend("03-matmul", 1000);
    CHECK(seconds("03-matmul") == 0);  // the first command starts the clock
    progress.spend("03-matmul", 1000 + 600);
    CHECK(seconds("03-matmul") == 600);
    progress.spend("03-matmul", 1600 + 601);  // away
    CHECK(seconds("03-matmul") == 600);
    // Whatever was done last in the course ends the stretch: no minute counts twice.
    progress.spend("04-value", 2201 + 100);
    progress.spend("03-matmul", 2301 + 50);
    CHECK(seconds("04-value") == 100);
    CHECK(seconds("03-matmul") == 650);
    // A clock that is set back loses a stretch, and no more.
    progress.spend("03-matmul", 2000);
    CHECK(seconds("03-matmul") == 650);
    progress.of("04-value").last = 0;
    progress.spend("03-matmul", 2030);
    CHECK(seconds("03-matmul") == 680);
    progress.of("03-matmul").passed = "8c1f09a77d21e3b0";
    progress.spend("03-matmul", 2040);
    CHECK(seconds("03-matmul") == 680);
    CHECK(progress.of("03-matmul").last == 2040);
}

TEST_CASE(
    "a file of an earlier version reads as before; what is new is kept, and what is unknown") {
    const TemporaryFolder folder;
    const std::string path = folder.file("progress.txt");
    const auto rewritten = [&](const std::string& text) {
        write_file(path, text);
        Progress::read(path).write();
        const std::string all = read_file(path);
        return all.substr(all.find('\n') + 1);  // after the heading
    };
    const std::string old = "03-matmul passed=ab tries=4 hints=1 met=no-max,b-transposed\n";
    CHECK(rewritten(old) == old);
    const Record record = Progress::read(path).of("03-matmul");
    CHECK(record.seconds == 0);
    CHECK(record.last == 0);
    CHECK(record.stop == "");
    const std::string now =
        "04-value tries=2 hints=0 seconds=750 last=2024-02-29T23:59:59Z checked=ab "
        "stop=mul/mul-ignores-dy offered=yes stars=5\n";
    CHECK(rewritten(now) == now);
    // Two lines for one lesson: the longer time, the later date.
    CHECK(rewritten("04-value seconds=10 last=2024-02-29T23:59:59Z\n"
                    "04-value seconds=5 last=2023-01-01T00:00:00Z\n") ==
          "04-value tries=0 hints=0 seconds=10 last=2024-02-29T23:59:59Z\n");
    CHECK(rewritten("04-value seconds=-3 last=noon offered=perhaps\n") ==
          "04-value tries=0 hints=0 offered=perhaps\n");
}

TEST_CASE("lesson 12 runs on the learner's own modules of lesson 10, and says who broadcasts") {
    const Learner learner;
    const auto solved = [&](const std::string& name) {
        std::string file = name + ".h";
        std::replace(file.begin(), file.end(), '-', '_');
        const std::string text = read_file(GRADUS_SOURCE_DIR "/lessons/" + name + "/solution.h");
        learner.write(text, file);
        return name + " passed=" + hash_of_code(text) + "\n";
    };
    const std::string others = solved("02-shapes") + solved("10-modules");
    write_file(learner.own("progress.txt"), others + solved("07-unbroadcasting"));
    const std::string both = learner.run({"check", "12"}).out;  // of the stub
    CAPTURE(both);
    CHECK(contains(both, "forward is still unfinished"));
    CHECK(std::regex_search(both, std::regex("lesson 10: [1-9]\\d* calls")));
    CHECK(contains(both, "add_broadcast: your lesson 07, in place of your lesson 02\n"));
    write_file(learner.own("progress.txt"), others);
    const std::string one = learner.run({"check", "03"}).out;
    CAPTURE(one);
    CHECK(contains(one, "matmul is still unfinished"));
    CHECK_FALSE(contains(one, "in place of"));
}

#endif
