// SPDX-License-Identifier: MIT
// Checks that ./gradus verify catches what it is for: each fault is planted in lesson 03 once.
#ifdef GRADUS_DOUBLE  // the course is built on the library in double
#include "lessons/runner/verify.h"

#include <doctest/doctest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "lessons/runner/compiler.h"
#include "lessons/runner/plain_words.h"
#include "lessons/runner/tokens.h"
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
    lesson.mutants.pop_back();
    // A neighbour that is a mutant after all, and one that is right.
    lesson.neighbours.push_back({"no-max", "", {}});
    CHECK(contains(spoilt.problems(lesson), "neighbour no-max is taken for: no-max"));
    lesson.neighbours.back().name = "solution";
    CHECK(contains(spoilt.problems(lesson), "neighbour solution passes the check"));
    // A neighbour that is a slip and does not say so, and one that says so and is none.
    lesson.neighbours.back() = {"near-a-transposed", "Reads a as its transpose.", {}};
    CHECK(contains(spoilt.problems(lesson), "neighbour near-a-transposed is taken for: slip "));
    lesson.neighbours.back() = {"near-smallest", "Subtracts the smallest (slip sign).", {}};
    CHECK(contains(spoilt.problems(lesson), "neighbour near-smallest is not taken for a slip"));
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
    spoilt.replace("README.md", "reading: 7", "reading: 14");
    CHECK(contains(spoilt.problems(), "README.md says 14 minutes of reading"));
    spoilt.replace("README.md", "needs: 02", "needs: 04");
    CHECK(contains(spoilt.problems(), "needs lesson 04, which comes later"));
}

TEST_CASE("verify sees a question without an answer, and a picture without its place") {
    const Spoilt spoilt;
    spoilt.replace("README.md", "<!-- picture: product -->", "");
    CHECK(contains(spoilt.problems(), "<!-- picture: product --> occurs 0 times"));
    spoilt.replace("README.md", "<!-- picture: temperature -->",
                   "<!-- picture: product -->\n\n<!-- picture: warmth -->");
    CHECK(contains(spoilt.problems(), "picture: temperature --> occurs 0 times"));
    CHECK(contains(spoilt.problems(), "the demo draws no picture warmth"));
    spoilt.replace("README.md", "<details><summary>The answer</summary>", "One.\n\nTwo.\n\n<b>");
    CHECK(contains(spoilt.problems(), "cannot stand in a paragraph: <b>"));
    spoilt.replace("README.md", "<b>", "Three.");
    spoilt.replace("README.md", "</details>", "");
    CHECK(contains(spoilt.problems(), "no answer, in <details>, comes after this question"));
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

TEST_CASE("memory, signals and waiting have a sentence of their own") {
    const Spoilt spoilt;
    const Lesson lesson = spoilt.lesson();
    const auto judged = [&](const ProcessResult& ended, double processor_seconds) {
        Verdict verdict;
        verdict.processor_seconds = processor_seconds;
        judge(verdict, spoilt.course(), lesson, ended, "{\"case\":\"one\"}\n", "secret");
        return verdict;
    };
    ProcessResult killed;
    killed.signal = SIGKILL;
    // It blocked SIGXCPU and was killed a second later; or it was killed for its memory.
    CHECK(judged(killed, 5.9).kind == VerdictKind::late);
    CHECK(judged(killed, 1).kind == VerdictKind::memory);
    CHECK(contains(judged(killed, 1).sentence, "filled this machine's memory"));
    killed.err = "==1==AddressSanitizer: hard rss limit exhausted (2048Mb vs 2060Mb)";
    CHECK(contains(judged(killed, 1).sentence, "something grows without end"));
    killed.err = "stack-overflow";
    CHECK(contains(judged(killed, 1).sentence, "calls itself endlessly"));
    ProcessResult late;
    late.late = true;
    CHECK(contains(judged(late, 5).sentence, "an endless loop, or much too slow?"));
    CHECK(contains(judged(late, 0.1).sentence, "does it wait for something"));
}

TEST_CASE("what the compiler says of the machine is told from what it says of the code") {
    CHECK(contains(machine_problem("/usr/bin/ld: cannot find -lasan: No such file"),
                   "has no sanitizers"));
    CHECK(contains(machine_problem("fatal error: error writing to x.s: No space left on device"),
                   "disk is full"));
    CHECK(contains(machine_problem("g++: fatal error: Killed signal terminated program cc1plus"),
                   "out of memory"));
    CHECK(machine_problem("03_matmul.h:3:1: error: expected ';'") == "");
    CHECK(words_of_rule("a.o: b.cpp \\\n my\\ gpt/c.h $$1.h \\#2.h it's\"x\".h\n") ==
          std::vector<std::string>{"a.o:", "b.cpp", "my gpt/c.h", "$1.h", "#2.h", "it's\"x\".h"});
}

TEST_CASE("code is compared by its tokens") {
    const auto alike = [](const std::string& a, const std::string& b) {
        return hash_of_code(a) == hash_of_code(b);
    };
    CHECK(alike("int x = a+b;", "int x=a + b; // the sum"));
    CHECK(alike("f( 1 );/* one\n*/g();", "f(1);\n\n  g();\r\n"));
    CHECK(alike("#define A b // c\nint x;", "#define  A   b\nint\nx;"));
    CHECK(alike("#define A \\\n b\nint x;", "#define A b\nint x;"));
    CHECK_FALSE(alike("a+ +b", "a++b"));
    CHECK_FALSE(alike("#define A b\nint x;", "#define A b int x;"));
    CHECK_FALSE(alike("\"a b\"", "\"a  b\""));
    CHECK_FALSE(alike("\"// a\"", "\"// b\""));
    CHECK_FALSE(alike("R\"(a // b)\"", "R\"(a // c)\""));
    CHECK_FALSE(alike("1.5e-3", "1.5e -3"));
    CHECK_FALSE(alike("int x;", "intx;"));
    CHECK(tokens_of("'\\'' \"\\\"\" 1'000 2e+1 x.y \"open") ==
          std::vector<std::string>{"'\\''", "\"\\\"\"", "1'000", "2e+1", "x", ".", "y", "\"open"});
}

TEST_CASE("the usual errors are put into plain words, for both compilers") {
    struct Case {
        const char *message, *words, *line = "";
    };
    for (const Case& c : std::vector<Case>{
             {"cannot convert 'const gradus::lessons::Value' to 'gradus::f64::Real' {aka 'double'} "
              "in "
              "initialization",
              "a Value stands where a number is wanted"},
             {"no viable conversion from 'const gradus::lessons::Value' to 'gradus::Real' (aka "
              "'double')",
              "a Value stands where a number is wanted"},
             {"no matching function for call to 'exp(const gradus::lessons::Value&)'",
              "exp takes numbers and gets a Value"},
             {"invalid types 'const gradus::f64::Real {aka const double}[gradus::Index {aka long "
              "int}]' for array subscript",
              "too many indices"},
             {"subscripted value is not an array, pointer, or vector", "too many indices"},
             {"assignment of read-only location '* a'", "this is const"},
             {"read-only variable is not assignable", "this is const"},
             {"cannot assign to return value because function 'operator[]' returns a const value",
              "this is const"},
             {"passing 'const std::vector<double>' as 'this' argument discards qualifiers "
              "[-fpermissive]",
              "this is const"},
             {"'x' is not captured", "name it in the brackets in front, [x]"},
             {"variable 'x' cannot be implicitly captured in a lambda with no capture-default "
              "specified",
              "name it in the brackets in front, [x]"},
             {"assignment of read-only variable 'x'", "a lambda captures by value"},
             {"expected ',' or ';' before 'y'", "a semicolon is missing"},
             {"expected ';' at end of declaration", "a semicolon is missing"},
             {"'accumulate' is not a member of 'std'", "needs #include <numeric>"},
             {"no member named 'accumulate' in namespace 'std'", "needs #include <numeric>"},
             {"no template named 'set' in namespace 'std'; did you mean 'get'?",
              "needs #include <set>"},
             {"'summ' is not a member of 'std'", "there is no std::summ"},
             {"'Index' was not declared in this scope; did you mean 'Index'?",
              "something of this name is elsewhere"},
             {"'zzz' was not declared in this scope", "zzz is not known here: is it spelt right"},
             {"use of undeclared identifier 'sqr'; did you mean 'sqrt'?", "suggests sqrt"},
             {"too few arguments to function 'gradus::f64::Real mine::g(gradus::f64::Real)'",
              "too few arguments"},
             {"cannot convert 'const std::vector<double>' to 'gradus::f64::Real' {aka 'double'} in "
              "initialization",
              "v[i] is one of its numbers"},
             {"no viable conversion from 'std::vector<Real>' (aka 'vector<double>') to "
              "'gradus::Real "
              "*' (aka 'double *')",
              "v.data() points to its first number"},
             {"no match for 'operator*' (operand types are 'const std::vector<double>' and 'int')",
              "write a loop"},
             {"no matching function for call to 'max(int, gradus::f64::Real&)'", "std::max<Real>"},
             {"invalid operands of types 'gradus::f64::Real' {aka 'double'} and 'int' to binary "
              "'operator%'",
              "needs whole numbers"},
             {"invalid operands to binary expression ('gradus::Real' (aka 'double') and 'int')",
              "needs whole numbers", "x = a % 2;"},
             {"invalid operands to binary expression ('gradus::Real' (aka 'double') and 'int')",
              "std::pow", "x = a ^ 2;"},
             {"a function-definition is not allowed here before '{' token", "brace } is missing"},
             {"extraneous closing brace ('}')", "one closing brace } too many"},
             {"redefinition of 'x'", "x is declared twice"},
             {"'const class std::vector<double>' has no member named 'length'", "size()"},
             {"request for member 'size' in 'a', which is of non-class type 'const "
              "gradus::f64::Real*' {aka 'const double*'}",
              "does not know how many there are"},
             {"'sum' may be used uninitialized", "sum is used before it has a value"},
             {"variable 'sum' is uninitialized when used here",
              "sum is used before it has a value"},
         }) {
        const std::string words = plain_words(c.message, c.line);
        CAPTURE(c.message);
        CAPTURE(words);
        CHECK(contains(words, c.words));
    }
    // Any other as it stands, with shorter types.
    CHECK(plain_words("no sense in 'gradus::f64::Real' {aka 'double'}", "") ==
          "no sense in 'Real'");
}

TEST_CASE("memory that the learner's code did not give back is not said to be used after that") {
    const Spoilt spoilt;
    const Lesson lesson = spoilt.lesson();
    const auto sentence = [&](const std::string& freed_by) {
        Verdict verdict;
        ProcessResult ended;
        ended.code = 1;
        ended.err =
            "ERROR: AddressSanitizer: heap-use-after-free on address 0x1\nfreed by thread T0 "
            "here:\n #0 operator delete\n #1 f " +
            freed_by + ":7\npreviously allocated by thread T0 here:\n #1 03_matmul.h:5\n";
        judge(verdict, spoilt.course(), lesson, ended, "{\"case\":\"one\"}\n", "secret");
        return verdict.sentence;
    };
    CHECK(contains(sentence("/x/check.cpp"), "reached far outside an array"));
    CHECK(contains(sentence("/x/03_matmul.h"), "memory that had been given back"));
}

TEST_CASE("a learner's object must not hold a main, files, or what belongs to the course") {
    const Spoilt spoilt;
    Lesson lesson = spoilt.lesson();
    const auto words = [&](const std::string& line) {
        return explain_symbols(line + "\n", spoilt.course(), lesson).sentence;
    };
    CHECK(contains(words("0000000000000000 T main"), "int main of its own"));
    CHECK(contains(words("                 U answer_1::matmul(double*)"), "own answers"));
    CHECK(contains(words("                 U gradus::lessons::answers()"), "own answers"));
    CHECK(contains(words("0000000000000000 T gradus::lessons::same(double)"), "namespace mine"));
    CHECK(contains(words("                 U fopen"), "uses fopen"));
    CHECK(contains(words("                 U std::basic_ofstream<char>::close()"), "no files"));
    CHECK(words("0000000000000000 T mine::main()") == "");
    CHECK(words("0000000000000000 W double* std::remove<double*>(double*)") == "");
    CHECK(words("                 U gradus::lessons::unfinished(char const*)") == "");
    CHECK(words("0000000000000000 W gradus::lesson_03::part()") == "");
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
