// SPDX-License-Identifier: MIT
// The table of slips: how it is read and applied, and that ./gradus verify sees what is wrong with a
// lesson's slips.txt.
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/slips.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "lessons/runner/verify_slips.h"
#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;
using namespace gradus::lessons;
namespace fs = std::filesystem;

namespace {

// A lesson with nothing but a solution.
class Small {
 public:
    explicit Small(const std::string& body) {
        std::ofstream(folder_.file("solution.h"))
            << "#pragma once\n\nnamespace mine {\n\n" + body + "\n}  // namespace mine\n";
    }
    std::vector<Slip> slips(const std::string& table) const {
        std::ofstream(folder_.file("slips.md")) << table;
        Lesson lesson;
        lesson.folder = folder_.path();
        return slips_of(lesson, read_slip_rules(folder_.file("slips.md")));
    }
    // The changed lines, one below the other.
    std::string lines(const std::string& edit) const {
        std::string all;
        for (const auto& slip : slips("## one\nYour {function} is wrong.\n\n" + edit))
            all += slip.line + "\n";
        return all;
    }

 private:
    TemporaryFolder folder_;
};

const char* const kSum =
    "inline void f(Real* y, const Real* x, Index n, Index m) {\n"
    "    for (Index i = 0; i < n; ++i) {\n"
    "        Real sum = 0;\n"
    "        // sum + 1\n"
    "        sum += x[i * m + 1];\n"
    "        y[i] = sum - 1;\n"
    "    }\n"
    "}\n"
    "\n"
    "inline void g(Real* y, Real a) {\n"
    "    f(y, y, a + 1, 1);\n"
    "}\n";

}  // namespace

TEST_CASE("a slip is made at every place where it is possible, and not in comments") {
    const Small lesson(kSum);
    CHECK(lesson.lines("```text\n \\+= \n = \n```\n") == "sum = x[i * m + 1];\n");
    CHECK(lesson.lines("```value\n \\+ \n - \n```\n") == "f(y, y, a - 1, 1);\n");
    CHECK(lesson.lines("```index\n \\+ \n - \n```\n") == "sum += x[i * m - 1];\n");
    CHECK(lesson.lines("```text\n[+] 1\n\n```\n") == "sum += x[i * m ];\nf(y, y, a , 1);\n");
}

TEST_CASE("a slip can take each other parameter of the type, and move statements") {
    const Small lesson(kSum);
    CHECK(lesson.lines("```index\n\\* (\\w+)\n* @1\n```\n") == "sum += x[i * n + 1];\n");
    CHECK(lesson.lines("```text\n(\\w+)\\[\n@1[\n```\n") ==
          "sum += y[i * m + 1];\nx[i] = sum - 1;\n");
    CHECK(lesson.lines("```left out\nsum \\+=\n```\n") ==
          "left out:         sum += x[i * m + 1];\n");
    CHECK(lesson.lines("```outside\nReal sum\n```\n") == "outside:         Real sum = 0;\n");
    const auto moved =
        lesson.slips("## one\nYour {function} is wrong.\n\n```exchanged\nsum \\+=\n```\n");
    REQUIRE(moved.size() == 1);
    CHECK(contains(moved[0].functions, "y[i] = sum - 1;\n        sum += x[i * m + 1];\n"));
    // What calls the changed function comes along.
    CHECK(contains(moved[0].functions, "void g("));
    CHECK(moved[0].function == "f");
    CHECK(moved[0].id() == "one f 9:9");
}

TEST_CASE("a slip's sentence names parameters, and no variable of the solution") {
    const Small lesson(kSum);
    const auto slips = lesson.slips(
        "## one\nYour {function} loses {1|a sum},\nand that is bad.\n\n```text\n(\\w+)(\\[i\\])? "
        "\\+?= "
        "\n$1\n```\n");
    REQUIRE(slips.size() == 4);  // i, sum twice, y
    CHECK(slips[1].sentence == "Your f loses a sum, and that is bad.");
    CHECK(slips[3].sentence == "Your f loses `y`, and that is bad.");
}

TEST_CASE("a table of slips that breaks the form is refused with its rule") {
    const Small lesson(kSum);
    const auto words = [&](const std::string& table) -> std::string {
        try {
            lesson.slips(table);
        } catch (const LessonError& e) {
            return e.what();
        }
        return "";
    };
    CHECK(contains(words("## one\nIt is wrong.\n```text\na\nb\n```\n"), "begins with"));
    CHECK(contains(words("## one\nYour {function} is.\n"), "changes nothing"));
    CHECK(contains(words("## one\nYour {function} is.\n```line\na\nb\n```\n"), "unknown kind"));
    CHECK(contains(words("## one\nYour {function} is.\n```text\n(a\nb\n```\n"), "(a"));
}

TEST_CASE("verify sees a slip that passes without a reason, and numbers that are not true (3 s)") {
    const TemporaryFolder folder;
    Course course = open_course();
    for (const auto& flag : course.build.fast)  // sanitized as a whole: outcomes are others
        if (flag.starts_with("-fsanitize=")) return;
    const Lesson* original = course.number("05");
    REQUIRE(original != nullptr);
    course.build.work = folder.file("work");
    fs::create_directories(folder.file("lessons"));
    fs::copy(original->folder, folder.file("lessons/05-order"));
    fs::copy(fs::path(original->folder).parent_path() / "slips.md",
             folder.file("lessons/slips.md"));
    const auto problems = [&] {
        std::string all;
        for (const auto& words :
             verify_slips(course, read_lesson(folder.file("lessons/05-order")), false).problems)
            all += words + "\n";
        return all;
    };
    auto records = read_slip_records(read_lesson(folder.file("lessons/05-order")));
    std::string fails, passes, invalid;
    for (auto& record : records) {
        if (record.outcome == "fails" && fails.empty() && record.rest != "!")
            fails = record.id, record.rest = "77";
        if (record.outcome == "passes" && passes.empty()) passes = record.id, record.rest = "";
    }
    REQUIRE(fails != "");
    REQUIRE(passes != "");
    const std::string path = folder.file("lessons/05-order/slips.txt");
    std::ofstream(path) << to_text(records);
    const std::string found = problems();
    CAPTURE(found);
    CHECK(contains(found, "slip " + fails + ": slips.txt has \"fails 77\", now it is"));
    CHECK(contains(found, "slip " + passes + " passes the check, and slips.txt gives no reason"));
    CHECK(std::count(found.begin(), found.end(), '\n') == 2);
    records.pop_back();
    std::ofstream(path) << to_text(records);
    CHECK(contains(problems(), "1 slips are missing"));
    std::ofstream(path) << "overwrites order\n";
    CHECK_THROWS_AS(problems(), LessonError);
}

#endif
