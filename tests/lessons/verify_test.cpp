// SPDX-License-Identifier: MIT
// Checks that ./gradus verify catches what it is for: each fault is planted in lesson 03 once.
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/verify.h"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "lessons/runner/verdict.h"
#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/text.h"

using namespace gradus;
using namespace gradus::lessons;
namespace fs = std::filesystem;

namespace {

// The course with a copy of lesson 03 that may be spoilt.
class Spoilt {
 public:
    Spoilt() : course_(open_course()) {
        const Lesson* original = course_.number("03");
        REQUIRE(original != nullptr);
        course_.build.work = folder_.file("work");
        // At the same depth below the root, so that its links still lead somewhere.
        fs::create_directories(folder_.file("lessons"));
        fs::copy(original->folder, folder_.file("lessons/03-matmul"));
        fs::create_symlink(fs::path(original->folder).parent_path().parent_path() / "tensor",
                           folder_.file("tensor"));
    }
    std::string path(const std::string& file) const {
        return folder_.file("lessons/03-matmul/" + file);
    }
    void replace(const std::string& file, const std::string& old, const std::string& now) const {
        std::string text = read_file(path(file));
        const std::size_t at = text.find(old);
        REQUIRE(at != std::string::npos);
        std::ofstream(path(file)) << text.replace(at, old.size(), now);
    }
    Lesson lesson() const { return read_lesson(folder_.file("lessons/03-matmul")); }
    // All problems in one string.
    std::string problems(const Lesson& lesson) const {
        std::string all;
        for (const auto& problem : verify(course_, lesson).problems) all += problem + "\n";
        return all;
    }
    std::string problems() const { return problems(lesson()); }
    const Course& course() const { return course_; }

 private:
    TemporaryFolder folder_;
    Course course_;
};

}  // namespace

TEST_CASE("verify finds nothing in the lesson as it is") {
    CHECK(Spoilt().problems() == "");
}

TEST_CASE("verify sees a mutant that passes, and one that is not recognised") {
    const Spoilt spoilt;
    Lesson lesson = spoilt.lesson();
    // The solution itself, called a mutant, as a mutant would be whose mistake was fixed.
    lesson.mutants.push_back({"solution", "Your solution is right.", {}});
    CHECK(contains(spoilt.problems(lesson), "mutant solution passes the check"));
    // The stub fails, but not because of a number, and equals no mutant.
    lesson.mutants.back().name = "stub";
    CHECK(contains(spoilt.problems(lesson), "mutant stub does not fail on a number"));
    CHECK(contains(spoilt.problems(lesson), "mutant stub is recognised as: nothing"));
    lesson.mutants.resize(2);
    CHECK(contains(spoilt.problems(lesson), "has 2 mutants; three are needed"));
}

TEST_CASE("verify sees a hint that is gone, and one that gives the solution away") {
    const Spoilt spoilt;
    spoilt.replace("hints.md", "## 3\n", "");
    CHECK(contains(spoilt.problems(), "hints.md has 2 hints; three are needed"));
    spoilt.replace("hints.md", "## 2\n", "## 2\nsum += a[i * K + k] * b[k * N + j];\n## 3\n");
    CHECK(spoilt.lesson().hints.size() == 3);
    spoilt.replace("hints.md", "sum += a", "for (Index k = 0; k < K; ++k) sum += a");
    CHECK(contains(spoilt.problems(), "holds a line of the solution: for (Index k"));
}

TEST_CASE("verify sees a quoted number, an output, code or a link that is not true") {
    const Spoilt spoilt;
    spoilt.replace("README.md", "30.1929", "30.1930");
    CHECK(contains(spoilt.problems(), "README.md quotes 30.1930"));
    spoilt.replace("README.md", "c[1,1] = 3*6 + 4*8 = 50", "c[1,1] = 3*6 + 4*8 = 51");
    CHECK(contains(spoilt.problems(), "the demo does not print this block"));
    spoilt.replace("README.md", "## sum_forward",
                   "```cpp\nReal x = nothing;\n```\n\n## sum_forward");
    CHECK(contains(spoilt.problems(), "this block does not compile"));
    spoilt.replace("README.md", "tensor/ops.inc)", "tensor/oops.inc)");
    CHECK(contains(spoilt.problems(), "links to ../../tensor/oops.inc, which does not exist"));
    spoilt.replace("README.md", "reading: 4", "reading: 14");
    CHECK(contains(spoilt.problems(), "README.md says 14 minutes of reading"));
    spoilt.replace("README.md", "needs: 02", "needs: 04");
    CHECK(contains(spoilt.problems(), "needs lesson 04, which comes later"));
}

TEST_CASE("a lesson that breaks a format is refused with its file and rule") {
    const auto refused = [](const std::string& file, const std::string& old, const std::string& now,
                            const std::string& words) {
        const Spoilt spoilt;
        spoilt.replace(file, old, now);
        try {
            const Lesson lesson = spoilt.lesson();
            for (const auto& mutant : lesson.mutants) mutated(lesson, mutant);
            FAIL_CHECK("was not refused: " << words);
        } catch (const LessonError& e) {
            CAPTURE(e.what());
            CHECK(contains(e.what(), file));
            CHECK(contains(e.what(), words));
        }
    };
    refused("README.md", "minutes: 40", "minutes: many", "minutes is \"many\"");
    refused("README.md", "minutes: 40", "hours: 1", "unknown key \"hours\"");
    refused("README.md", "title: Matmul, sum and softmax by loops\n", "", "has no title");
    refused("mutants.md", "-        const Real largest = *std",
            "-        const Real Largest = *std", "nowhere");
    refused("mutants.md", "-            Real sum = 0;\n-            for",
            "-            Real sum = 0;\n+            for", "more than once");
}

TEST_CASE("a program that ends before its last line has not passed, whatever it printed") {
    const Spoilt spoilt;
    const Lesson lesson = spoilt.lesson();
    const std::string green =
        "{\"case\":\"matmul: one\"}\n{\"end\":\"matmul: one\",\"passed\":true}\n";
    const std::string last = "{\"done\":\"secret\",\"calls\":{\"matmul\":3}}\n";
    const auto judged = [&](const std::string& results, int code) {
        Verdict verdict;
        ProcessResult ended;
        ended.code = code;
        judge(verdict, spoilt.course(), lesson, ended, results, "secret");
        return verdict;
    };
    CHECK(judged(green + last, 0).passed());
    CHECK(judged(green, 0).kind == VerdictKind::ended);
    CHECK(judged(green + "{\"done\":\"guess\",\"calls\":{\"matmul\":3}}\n", 0).kind ==
          VerdictKind::ended);
    CHECK(judged(last, 0).kind == VerdictKind::ended);  // no case ran
    CHECK(judged(green + last, 3).kind == VerdictKind::ended);
    CHECK(judged(green + "{\"done\":\"secret\",\"calls\":{\"matmul\":0}}\n", 0).kind ==
          VerdictKind::not_called);
    CHECK(judged(green + "{\"cas", 0).kind == VerdictKind::ended);
    CHECK(judged("", 124).kind == VerdictKind::late);
}

TEST_CASE("what an object calls is judged by names, not by pieces of names") {
    Lesson lesson;
    lesson.functions = {"matmul"};
    lesson.forbidden = {"Linear"};
    const auto offender = [&](const std::string& line) { return forbidden_symbol(line, lesson); };
    CHECK(offender("                 U gradus::f64::matmul(gradus::f64::Variable const&)") ==
          "matmul");
    CHECK(offender("                 U gradus::f64::naive::tanh_forward(double*)") == "naive");
    CHECK(offender("0000000000000000 W gradus::f64::Linear::operator()(int) const") == "Linear");
    CHECK(offender("0000000000000000 W mine::matmul(double*)") == "");
    CHECK(offender("                 U gradus::f64::matmul_forward(gradus::f64::Tensor const&)") ==
          "");
    CHECK(offender("0000000000000000 W std::vector<gradus::f64::Linear>::push_back(int)") == "");
}

#endif
