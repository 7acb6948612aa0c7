// SPDX-License-Identifier: MIT
// The course as a learner meets it: bin/gradus-course in a fresh folder, on every way to fail.
#ifndef GRADUS_DOUBLE  // the program is built once
#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <regex>

#include "nn/text/display_width.h"
#include "tests/lessons/learner.h"
#include "tests/pseudo_terminal.h"
#include "tests/settings.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

// Covers what this project's schemas use: type, const, enum, required, properties, items, minimum.
std::string violation(const Json& value, const Json& schema, const std::string& at = "") {
    const std::string type = schema.value("type", "");
    if ((type == "object" && !value.is_object()) || (type == "array" && !value.is_array()) ||
        (type == "string" && !value.is_string()) || (type == "boolean" && !value.is_boolean()) ||
        (type == "integer" && !value.is_number_integer()) ||
        (type == "number" && !value.is_number()))
        return at + " is not of type " + type;
    if (schema.contains("const") && value != schema["const"]) return at + " is another constant";
    if (schema.contains("enum") &&
        std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end())
        return at + " is none of the values";
    if (schema.contains("minimum") && value < schema["minimum"]) return at + " is too small";
    for (const auto& name : schema.value("required", Json::array()))
        if (!value.contains(name)) return at + " lacks " + name.get<std::string>();
    if (value.is_object())
        for (const auto& [name, member] : value.items()) {
            const Json known = schema.value("properties", Json::object());
            const Json more = schema.value("additionalProperties", Json(true));
            if (!known.contains(name) && more == false) return at + " has an unknown " + name;
            const Json rule = known.contains(name) ? known[name]
                              : more.is_object()   ? more
                                                   : Json::object();
            const std::string wrong = violation(member, rule, at + "/" + name);
            if (!wrong.empty()) return wrong;
        }
    if (value.is_array() && schema.contains("items"))
        for (const auto& item : value) {
            const std::string wrong = violation(item, schema["items"], at + "/item");
            if (!wrong.empty()) return wrong;
        }
    return "";
}

PseudoTerminal terminal_of(const Learner& learner) {
    PseudoTerminal terminal;
    terminal.environment = learner.environment();
    terminal.environment.emplace_back("TERM", "xterm");
    return terminal;
}

}  // namespace

TEST_CASE("a learner starts, sees red, solves, and sees green with the calls counted") {
    const Learner learner;
    const ProcessResult map = learner.run({"map"});
    CHECK(map.code == 0);
    CHECK(contains(map.out, "./gradus start"));
    CHECK_FALSE(fs::exists(learner.path("my-gpt")));

    CHECK(learner.run({"start", "03"}).code == 0);
    const std::string file = learner.path("my-gpt/03_matmul.h");
    CHECK(read_file(file) == read_file(kLesson + "stub.h"));

    const ProcessResult red = learner.run({"check", "03"});
    CHECK(red.code == 1);
    CHECK(contains(red.out, "matmul is still unfinished"));
    CHECK(contains(red.out, "./gradus hint 03"));
    CHECK(red.err.empty());

    std::ofstream(file) << solution();
    const ProcessResult green = learner.run({"check", "03"});
    CHECK(green.code == 0);
    CHECK(contains(green.out, "passed"));
    CHECK(contains(green.out, "matmul: 30 calls"));
    CHECK(contains(learner.run({"list"}).out, "✓ 03-matmul          passed\n"));

    // Edited after it passed: it no longer counts, until it passes again. A note or another layout
    // does not count.
    const auto changed = [&](const std::string& text) {
        std::ofstream(file) << text;
        return contains(learner.run({"list"}).out, "changed since it passed");
    };
    CHECK(changed(replaced(solution(), "Real sum = 0;", "Real sum = 1;")));
    CHECK(contains(learner.run({"map"}).out, "≈ passed, and its code has changed since"));
    CHECK_FALSE(changed(std::regex_replace(solution(), std::regex("\n"), "\r\n")));
    CHECK_FALSE(changed("// I see!\n" + replaced(solution(), "Real sum = 0;", "Real  sum=0 ;\n")));
    CHECK_FALSE(contains(learner.run({"map"}).out, "has changed since"));
    CHECK(changed(replaced(solution(), "Real sum = 0;", "Realsum = 0;")));
    // As earlier versions recorded it: with the hash of every byte, here of "int x;".
    std::ofstream(learner.path("my-gpt/progress.txt")) << "03-matmul passed=bdbcd06e6f66e587\n";
    CHECK_FALSE(changed("int x;"));
}

TEST_CASE("every way to fail has its kind and its sentence") {
    struct Failure {
        std::string text, kind, words;
    };
    const std::string printed = sanitizer();
    const bool thread = contains(printed, "thread");
    std::vector<Failure> failures = {
        {"", "empty", "is empty"},
        {" \n\t\n", "empty", "is empty"},
        {replaced(solution(), "Real sum = 0;", "Real sum = 0"), "compile", "03_matmul.h, line"},
        {with("for (volatile int n = 0;;) n = 1 - n;"), "late", "did not end within 5 seconds"},
        {with("std::exit(0);", "#include <cstdlib>"), "ended", "a call to exit()?"},
        {"#include \"lessons/03-matmul/solution.h\"\n", "includes", "solution.h"},
        {with("gradus::naive::matmul({c}, {a}, {b}, M, N, K);", "#include \"tensor/ops.h\""),
         "calls", "the library's own"},
        {with("gradus::ops().matmul({c}, {a}, {b}, M, N, K);", "#include \"tensor/ops.h\""),
         "calls", "table of operations"},
        {replaced(solution(), "void sum_forward(", "void sum_forwards("), "contract",
         "has no function sum_forward"},
        {replaced(solution(), "const Real* x, Index outer", "const Real* x, int outer"), "contract",
         "sum_forward has other parameters"},
        {replaced(solution(), "namespace mine", "namespace yours"), "contract", "namespace mine"},
        {with("void nowhere(); nowhere();"), "link", "nowhere"},
        {solution() + "int main() {}\n", "link", "int main of its own"},
        {"#include \"03_matmul.solution.h\"\n", "includes", "my-gpt/03_matmul.solution.h"},
        {"#include \"mine.h\"\n", "includes", "my-gpt/mine.h"},
        {with("answer_1::matmul(c, a, b, M, N, K);",
              "#include \"lessons/learn.h\"\nnamespace answer_1 { void matmul(Real*, const Real*, "
              "const Real*, Index, Index, Index); }"),
         "calls", "the course's own answers"},
        {with("std::ofstream(\"05_order.h\");", "#include <fstream>"), "calls", "need no files"},
        {with("for (char** e = environ; *e; ++e) if (std::string(*e).find(\"NONCE\") != "
              "std::string::npos) throw std::runtime_error(*e); throw std::runtime_error(\"no\");",
              "#include <stdexcept>\n#include <string>\n#include <unistd.h>"),
         "threw", "an exception: no"},
        {with("throw std::runtime_error(\"oops\");", "#include <stdexcept>"), "threw", "oops"},
        {read_file(kLesson + "stub.h"), "unfinished", "matmul is still unfinished"},
    };
    if (!thread) {
        failures.push_back({with("int* volatile p = nullptr; *p = 1;"), "crash", "null pointer"});
        failures.push_back(
            {with("std::vector<Real> v; v[0] = 1;"), "crash", "a vector that is empty"});
        failures.push_back({with("matmul(c, a, b, M, N, K);"), "crash", "out of stack"});
        failures.push_back({with("c[M * N] = 1;"), "crash", "outside an array"});
        failures.push_back({with("int z = int(M - M); sum += 3 / z;"), "crash", "by zero"});
    }
    // Two learners share them: one after another they take 15 s, and most of it is compiling.
    std::atomic<std::size_t> next = 0;
    std::vector<Json> verdicts(failures.size());
    const auto fail = [&] {
        const Learner learner;
        learner.run({"start", "03"});
        learner.run({"solution", "03", "--peek"});
        learner.write(solution() + "// copied\n", "mine.h");
        for (std::size_t i = next++; i < failures.size(); i = next++) {
            std::ofstream(learner.path("my-gpt/03_matmul.h")) << failures[i].text;
            verdicts[i] = learner.check();
        }
    };
    std::future<void> second = std::async(std::launch::async, fail);
    fail();
    second.get();
    for (std::size_t i = 0; i < failures.size(); ++i) {
        CAPTURE(failures[i].text);
        CAPTURE(verdicts[i].dump());
        CHECK(verdicts[i]["passed"] == false);
        CHECK(verdicts[i]["kind"] == failures[i].kind);
        CHECK(contains(verdicts[i]["sentence"], failures[i].words));
    }
}

TEST_CASE(
    "the check runs the learner's code: a poisoned stub fails, and nothing stands in for it") {
    const Learner learner;
    learner.run({"start", "03"});
    // Correct except for one number in one function.
    std::ofstream(learner.path("my-gpt/03_matmul.h"))
        << replaced(solution(), "y[o * inner + i] = sum;", "y[o * inner + i] = sum + 1e-3;");
    const Json verdict = learner.check();
    CHECK(verdict["kind"] == "wrong");
    CHECK(contains(verdict["test"], "sum_forward"));
    CHECK(verdict["misconception"] == "");
}

TEST_CASE("a lesson that was skipped is built in, also below one that has passed (3 s)") {
    // The learner's file of 18 calls causal_attention of 17, and that the parts of 16.
    const Learner learner;
    for (const std::string name : {"18-heads", "19-norm"}) {
        const std::string solution = GRADUS_SOURCE_DIR "/lessons/" + name + "/solution.h";
        learner.write(read_file(solution), replaced(name, "-", "_") + ".h");
        const Json verdict = learner.check(name);
        CAPTURE(verdict.dump());
        CHECK(verdict["passed"] == true);
    }
}

TEST_CASE("a typical mistake is named, and remembered") {
    const Learner learner;
    learner.run({"start", "03"});
    std::ofstream(learner.path("my-gpt/03_matmul.h"))
        << replaced(solution(), "b[k * N + j]", "b[j * K + k]");
    const Json verdict = learner.check();
    CHECK(verdict["misconception"] == "b-transposed");
    CHECK(contains(verdict["explanation"], "as if b lay there transposed"));
    CHECK(contains(learner.run({"list"}).out, "met: b-transposed"));
    CHECK(contains(read_file(learner.path("my-gpt/progress.txt")), "met=b-transposed"));
    // Also if it crashes before a number is compared, and is wrong in another function as well: what
    // is named belongs to the case that failed.
    if (!contains(sanitizer(), "thread")) {
        learner.write(replaced(
            replaced(with("if (M == 2 && N == 2) c[4] = 0;"), "b[k * N + j]", "b[j * K + k]"),
            "*std::max_element(scores, scores + cols)", "scores[0]"));
        const Json crash = learner.check();
        CHECK(crash["kind"] == "crash");
        CHECK(crash["misconception"] == "b-transposed");
        // And if it crashes for some sizes: those for which it does not tell what it is.
        const Learner other;
        other.write(replaced(read_file(GRADUS_SOURCE_DIR "/lessons/16-attention/solution.h"),
                             "HS = Wq.size(1)", "HS = Wv.size(1)"),
                    "16_attention.h");
        CHECK(contains(other.run({"check", "16"}).out, "Your head takes HS to be the number"));
    }
}

TEST_CASE("a mistake that nobody knows is shown: both sides whole, with names, and a nudge") {
    const Learner learner;
    const auto said = [&](const std::string& lesson, const std::string& old,
                          const std::string& now) {
        std::string file = lesson + ".h";
        std::replace(file.begin(), file.end(), '-', '_');
        learner.write(
            replaced(read_file(GRADUS_SOURCE_DIR "/lessons/" + lesson + "/solution.h"), old, now),
            file);
        return learner.run({"check", lesson}).out;
    };
    const std::string product = said("03-matmul", "c[i * N + j] = sum;", "c[i * N + j] = sum + j;");
    CAPTURE(product);
    CHECK(contains(product, "asked: matmul({1, 2, 3, 4}, {5, 6, 7, 8}, 2, 2, 2)"));
    CHECK(contains(product, "yours        expected\n"));
    CHECK(contains(product, "  19 >23       19  22\n"));
    CHECK(contains(product, "This is none of the mistakes that we know"));
    CHECK(contains(product, "✗ matmul   ✓ sum_forward   ✓ softmax_forward"));
    CHECK(contains(product, "(8 of 12 cases"));

    const std::string gradient =
        said("04-value", "b.grad() += dy * a.data()", "b.grad() += dy * 2 * a.data()");
    CAPTURE(gradient);
    CHECK(contains(gradient, "the gradient of b: yours is 4, expected 2\n"));
    CHECK(contains(gradient, "> the gradient of b         4         2\n"));
    CHECK(contains(gradient, "Your mul passes \"the product, and"));
    CHECK_FALSE(contains(gradient, "asked:"));  // a helper's name would say nothing

    const std::string bytes = said("15-tokens", "static_cast<unsigned char>(text[i])",
                                   "static_cast<unsigned char>(text[i]) + 7");
    CAPTURE(bytes);
    CHECK(contains(bytes, "asked: bytes_of(\"Hi\")"));
}

// Its words, each after one space.
std::string one_line(const std::string& text) {
    std::istringstream in(text);
    std::string line;
    for (std::string word; in >> word;) line += (line.empty() ? "" : " ") + word;
    return line;
}

TEST_CASE("an exception says what was asked, and std::cerr is shown and not taken for a report") {
    const Learner learner;
    const std::string shapes = read_file(GRADUS_SOURCE_DIR "/lessons/02-shapes/solution.h");
    learner.write(replaced(shapes, "strides[axis] = step;", "strides.at(axis - 1) = step;"),
                  "02_shapes.h");
    const std::string thrown = learner.run({"check", "02"}).out;
    CAPTURE(thrown);
    CHECK(contains(thrown, "your code threw an exception: at(-1) of a vector that has 2 elements"));
    CHECK(contains(thrown, "asked: contiguous_strides({3, 4})"));
    learner.write(replaced(shapes, "(x != y && x != 1 && y != 1)", "(x != y || x == 3)"),
                  "02_shapes.h");
    CHECK(contains(learner.run({"check", "02"}).out, "asked: broadcast_shape({2, 3}, {3})"));

    if (contains(sanitizer(), "thread")) return;
    learner.write(with("if (M == 5) c[1 << 20] = 1; std::cerr << \"AddressSanitizer: FPE\\n\";",
                       "#include <iostream>"));
    const std::string printed = learner.run({"check", "03"}).out;
    CAPTURE(printed);
    CHECK(contains(one_line(printed), "your code used memory that is not its own"));
    CHECK(contains(printed, "  Your code printed to std::cerr:\n    AddressSanitizer: FPE\n"));
    CHECK(contains(printed, " more lines\n"));
    CHECK_FALSE(contains(printed, "ERROR"));
    // g++ writes this report to std::cerr.
    learner.write(
        with("std::cerr << M << '\\n'; if (M == 5) c[0] = M / (M - 5);", "#include <iostream>"));
    const std::string divided = learner.run({"check", "03"}).out;
    CAPTURE(divided);
    CHECK(contains(one_line(divided), "your code divided an integer by zero"));
    CHECK_FALSE(contains(divided, "runtime error"));
}

TEST_CASE("what points into a vector that has grown is told so") {
    if (contains(sanitizer(), "thread")) return;
    const Learner learner;
    const std::string order = read_file(GRADUS_SOURCE_DIR "/lessons/05-order/solution.h");
    const std::string loop =
        "for (std::size_t at = 0; at < reached.size(); ++at) {\n"
        "        for (const Index input : inputs[reached[at]]) {";
    const auto said = [&](const std::string& now) {
        learner.write(replaced(order, loop, now), "05_order.h");
        return one_line(learner.run({"check", "05"}).out);
    };
    const std::string iterator = said(
        "for (auto at = reached.begin(); at != reached.end(); ++at) {\n"
        "        for (const Index input : inputs[*at]) {");
    CAPTURE(iterator);
    CHECK(contains(iterator, "line 14: your code used memory that had been a vector's"));
    CHECK(contains(iterator, "A vector that grows moves all its elements"));
    const std::string deleted =
        said("Index* gone = new Index[4];\n    delete[] gone;\n    gone[0] = 1;\n    " + loop);
    CAPTURE(deleted);
    CHECK(contains(deleted, "your code used memory that had been given back"));
}

TEST_CASE("too little room for a given function is found, in the learner's line (3 s)") {
    const Learner learner;
    const std::string heads =
        read_file(std::string(GRADUS_SOURCE_DIR) + "/lessons/18-heads/solution.h");
    learner.run({"start", "18"});
    learner.write(replaced(heads, "ys(NH * T * HS)", "ys(T * HS)"), "18_heads.h");
    const Json verdict = learner.check("18");
    CAPTURE(verdict.dump());
    CHECK(verdict["kind"] == "crash");
    CHECK(contains(verdict["sentence"], "your code reached outside an array"));
    CHECK(contains(learner.run({"check", "18"}).out, "\n    causal_attention(&ys[at],"));
}

TEST_CASE("a crash says how many cases did not run, and what is done stays ticked") {
    const Learner learner;
    if (!contains(sanitizer(), "thread")) {
        learner.write(replaced(solution(), "const Real* scores = x",
                               "y[rows * cols] = 1;\n        const Real* scores = x"));
        const std::string out = learner.run({"check", "03"}).out;
        CAPTURE(out);
        CHECK(contains(out, "(5 of 12 cases"));
        CHECK(contains(out, "The program ended in this case, so 6 more cases did not run."));
        CHECK(contains(out, "✓ matmul   ✓ sum_forward   ✗ softmax_forward"));
        // A wrong number first, and a crash after it.
        learner.write(replaced(solution(), "a[i * K + k]", "a[k * K + i]"));
        const std::string both = one_line(learner.run({"check", "03"}).out);
        CAPTURE(both);
        CHECK(contains(both, "row 0, column 0: yours is 26, expected 19"));
        CHECK(contains(both, "Then the program ended, so 10 more cases did not run. "));
        CHECK(contains(both, "line 13: your code reached outside an array, in \"matmul: (2,3)"));
    }
    // Not written yet: not counted, not ticked.
    learner.write(replaced(solution(), "    for (Index r = 0; r < rows; ++r) {",
                           "    unfinished(\"softmax_forward\");\n"
                           "    for (Index r = 0; r < rows; ++r) {"));
    const std::string half = learner.run({"check", "03"}).out;
    CAPTURE(half);
    CHECK(contains(half, "✓ matmul   ✓ sum_forward   … softmax_forward"));
    CHECK(contains(half, "matmul: 30 calls, sum_forward: 3 calls\n"));
}

TEST_CASE("no sentence is false: a remainder of its own is not told that it jumps over an axis") {
    const Learner learner;
    const std::string text = read_file(GRADUS_SOURCE_DIR "/lessons/07-unbroadcasting/solution.h");
    learner.write(replaced(text, "    const Index axes =",
                           "    return at % numbers_in(x_shape);\n"
                           "    const Index axes ="),
                  "07_unbroadcasting.h");
    const Json verdict = learner.check("07");
    CHECK(contains(verdict["explanation"], "it gives `at` modulo the number of x"));
    CHECK_FALSE(contains(verdict["explanation"], "Your source jumps"));
}

TEST_CASE("the verdicts keep to the schema, and the schema can be broken") {
    const Json schema = Json::parse(read_file(GRADUS_SOURCE_DIR "/lessons/verdict.schema.json"));
    const Learner learner;
    learner.run({"start", "03"});
    Json verdicts = Json::parse(learner.run({"check", "03", "--json"}).out);
    CHECK(violation(verdicts, schema) == "");
    std::ofstream(learner.path("my-gpt/03_matmul.h")) << solution();
    verdicts = Json::parse(learner.run({"check", "--all", "--json"}).out);
    CHECK(violation(verdicts, schema) == "");
    verdicts["verdicts"][0]["kind"] = "maybe";
    CHECK(violation(verdicts, schema) == "/verdicts/item/kind is none of the values");
}

TEST_CASE("reset loses nothing, solution never writes over a file, hints come one by one") {
    const Learner learner;
    learner.run({"start", "03"});
    std::ofstream(learner.path("my-gpt/03_matmul.h")) << "first";
    CHECK(learner.run({"reset", "03"}).code == 0);
    std::ofstream(learner.path("my-gpt/03_matmul.h")) << "second";
    learner.run({"reset", "03"});
    CHECK(read_file(learner.path("my-gpt/03_matmul.1.h")) == "first");
    CHECK(read_file(learner.path("my-gpt/03_matmul.2.h")) == "second");
    CHECK(read_file(learner.path("my-gpt/03_matmul.h")) == read_file(kLesson + "stub.h"));

    CHECK(learner.run({"solution", "03"}).code == 1);
    CHECK_FALSE(fs::exists(learner.path("my-gpt/03_matmul.solution.h")));
    std::ofstream(learner.path("my-gpt/03_matmul.solution.h")) << "my notes";
    CHECK(learner.run({"solution", "03", "--peek"}).code == 0);
    CHECK(read_file(learner.path("my-gpt/03_matmul.solution.h")) == "my notes");
    CHECK(read_file(learner.path("my-gpt/03_matmul.solution.1.h")) == solution());

    for (const std::string n : {"1", "2", "3", "3"})
        CHECK(contains(learner.run({"hint", "03"}).out, "hint " + n + " of 3"));
}

TEST_CASE("progress keeps what it does not know, and bad input is one line with exit code 2") {
    const Learner learner;
    learner.run({"start", "03"});
    std::ofstream(learner.path("my-gpt/progress.txt"))
        << " \n # a remark\n99-later passed=abc tries=2 hints=0 stars=5\n03-matmul tries=many\n";
    learner.run({"hint", "03"});
    const auto progress = [&] { return read_file(learner.path("my-gpt/progress.txt")); };
    CHECK(contains(progress(), "99-later passed=abc tries=2 hints=0 stars=5\n"));
    CHECK(contains(progress(), "03-matmul tries=0 hints=1 last=2"));
    CHECK(contains(progress(), "# a remark\n"));
    // Whatever stands there: what git leaves of a merge, binary data, colours, absurd numbers.
    std::ofstream(learner.path("my-gpt/progress.txt"))
        << "<<<<<<< mine\n03-matmul passed=ab tries=3 hints=2 met=no-max\n=======\n"
        << "03-matmul tries=2147483647 hints=-5 met=adds-to-c,no-max\n>>>>>>> theirs\n   \n"
        << std::string("\0\xff\n", 3) << "05-order met=\x1b[31m\xfe tries=99999999999999999999\n"
        << std::string(100000, 'x');
    for (const Words& words : {Words{"map"}, {"list"}, {"list", "--json"}, {"hint", "03"}}) {
        const ProcessResult result = learner.run(words);
        CAPTURE(result.err);
        CHECK(result.code == 0);
        CHECK_FALSE(contains(result.out, "\x1b"));
    }
    CHECK(
        contains(progress(), "\n03-matmul passed=ab tries=1000000 hints=3 met=no-max,adds-to-c "));
    CHECK(contains(progress(), ">>>>>>> theirs\n"));
    const auto timeless = [&] {
        return std::regex_replace(progress(), std::regex(" last=\\S+"), "");
    };
    const std::string once = timeless();
    learner.run({"hint", "03"});
    CHECK(timeless() == once);

    for (const auto& [words, part] : std::vector<std::pair<Words, std::string>>{
             {{"check", "matmull"}, "did you mean \"matmul\""},
             {{"check", "77"}, "there is no lesson \"77\""},
             {{"reset"}, "which lesson?"},
             {{"class", "/nowhere"}, "is not a folder"}}) {
        const ProcessResult result = learner.run(words);
        CAPTURE(result.err);
        CHECK(result.code == 2);
        CHECK(contains(result.err, part));
        CHECK(count_of(result.err, "\n") == 1);
    }
    CHECK(learner.run({"dance"}).code == 2);
}

TEST_CASE("out of order: what is missing or unfinished is built in, what passed is the learner's") {
    const Learner learner;
    const auto put = [&](const std::string& file, const std::string& lesson, const char* text) {
        fs::create_directories(learner.path("my-gpt"));
        std::ofstream(learner.path("my-gpt/" + file))
            << read_file(GRADUS_SOURCE_DIR "/lessons/" + lesson + "/" + text);
    };
    const auto verdict_on = [&](const std::string& lesson) {
        return Json::parse(learner.run({"check", lesson, "--json"}).out)["verdicts"][0];
    };
    // In an empty folder the stub is created, and says what to write.
    Json verdict = verdict_on("08");
    CHECK(verdict["kind"] == "unfinished");
    CHECK(verdict["built_in"] == Json::array({"02", "03", "05", "06"}));
    CHECK(verdict["own"].empty());

    put("08_cross_entropy.h", "08-cross-entropy", "solution.h");
    put("03_matmul.h", "03-matmul", "stub.h");  // there, but unfinished
    put("06_gradients.h", "06-gradients", "solution.h");
    CHECK(verdict_on("06")["passed"] == true);
    verdict = verdict_on("08");
    CHECK(verdict["passed"] == true);
    CHECK(verdict["own"] == Json::array({"06"}));
    CHECK(verdict["built_in"] == Json::array({"02", "03", "05"}));

    // Lessons 02 and 07 fill the same slot of the library. The one being checked gets it, so even
    // with 02 passed no case of an untouched 07 can pass.
    put("02_shapes.h", "02-shapes", "solution.h");
    CHECK(verdict_on("02")["passed"] == true);
    CHECK(verdict_on("07")["cases_passed"] == 0);
    CHECK(verdict_on("07")["own"] == Json::array({"02", "06"}));

    // Edited after it passed: it does not count until it passes again.
    std::ofstream(learner.path("my-gpt/06_gradients.h"), std::ios::app) << "int edited;\n";
    CHECK(verdict_on("08")["own"] == Json::array({"02"}));
}

TEST_CASE("a file is judged by what it holds, whatever its date, in a folder of any name") {
    const Learner learner("my \"gpt\", it's $1 #2");
    const std::string file = learner.own("03_matmul.h");
    learner.write(solution());
    CHECK(learner.check()["passed"] == true);
    const auto date = fs::last_write_time(file);
    learner.write(replaced(solution(), "b[k * N + j]", "b[j * K + k]"));
    fs::last_write_time(file, date - std::chrono::hours(1));
    CHECK(learner.check()["misconception"] == "b-transposed");
    learner.write(solution());
    fs::last_write_time(file, date - std::chrono::hours(2));
    CHECK(learner.check()["passed"] == true);
}

TEST_CASE("what the machine refuses is not blamed on the learner, and the doctor finds it") {
    const Learner learner;
    learner.write(solution());
    const auto limited = [&](const std::string& command) {
        ProcessOptions options;
        options.environment = learner.environment();
        return run_to_end({"bash", "-c", "ulimit -v 6000000; exec " + kCourse + " " + command},
                          options);
    };
    // A runner that is itself built with a sanitizer needs terabytes of addresses to start.
    if (contains(sanitizer(), "address") && !kSanitized) {
        const ProcessResult result = limited("check 03");
        CHECK(result.code == 2);
        CHECK(contains(result.err, "does not get the memory"));
        CHECK(contains(result.err, "./gradus doctor"));
        CHECK(count_of(result.err, "\n") == 1);
        CHECK_FALSE(fs::exists(learner.own("progress.txt")));  // it does not count as a try
        const ProcessResult doctor = limited("doctor");
        CHECK(doctor.code == 2);
        CHECK(contains(doctor.out, "ulimit -v"));
    }
    // Where nothing can be written. (A folder without permission does not stop root, who runs CI.)
    fs::remove_all(learner.own(".build"));
    learner.write("a file", ".build");
    const ProcessResult result = learner.run({"check", "03"});
    CHECK(result.code == 2);
    CHECK(contains(result.err, "cannot make the folder"));
    CHECK(count_of(result.err, "\n") == 1);
    CHECK(learner.run({"doctor"}).code == 2);
    CHECK(contains(learner.run({"doctor"}).out, "cannot make the folder"));
}

TEST_CASE("nothing runs on if the runner is killed") {
    const Learner learner;
    learner.write(with("for (volatile int n = 0;;) n = 1 - n;"));
    const pid_t runner =
        start_program({kCourse, "check", "03"}, {.environment = learner.environment()});
    const auto running = [&] {
        for (const auto& entry : fs::directory_iterator("/proc")) {
            std::ifstream in(entry.path() / "cmdline");
            std::string line;
            if (std::getline(in, line) && contains(line, learner.own(".build/03-matmul/03-matmul")))
                return true;
        }
        return false;
    };
    const auto wait_until = [](const auto& condition) {
        const auto start = std::chrono::steady_clock::now();
        while (!condition() && std::chrono::steady_clock::now() - start < std::chrono::seconds(60))
            ::usleep(10000);
        return std::chrono::steady_clock::now() - start;
    };
    wait_until([&] { return fs::exists(learner.own(".build/03-matmul/03-matmul.results")); });
    CHECK(running());
    ::kill(runner, SIGKILL);
    ::waitpid(runner, nullptr, 0);
    const auto took = wait_until([&] { return !running(); });
    CHECK(took < std::chrono::seconds(3));  // its limit would be 5 seconds of processor time
}

TEST_CASE("the folder can be copied to another machine, and an update leaves it as it is") {
    const Learner first, second;
    first.run({"start", "03"});
    std::ofstream(first.path("my-gpt/03_matmul.h")) << solution();
    CHECK(first.check()["passed"] == true);
    fs::create_directories(second.path("my-gpt"));
    for (const std::string file : {"my-gpt/03_matmul.h", "my-gpt/progress.txt"})
        fs::copy(first.path(file), second.path(file));
    CHECK(contains(second.run({"list"}).out, "✓ 03-matmul          passed\n"));
    // The most that an update does is to start again with another stub. The learner's file stays.
    CHECK(contains(second.run({"start", "03"}).out, "stays as it is"));
    CHECK(read_file(second.path("my-gpt/03_matmul.h")) == solution());
}

TEST_CASE("a class as a table: who passed, checks and hints, the mistake met most") {
    const Learner learner;
    fs::create_directories(learner.path("class/berta"));
    std::ofstream(learner.path("class/anna.txt"))
        << "03-matmul passed=ab tries=4 hints=1 met=no-max,b-transposed\n";
    std::ofstream(learner.path("class/berta/progress.txt"))
        << "03-matmul tries=2 hints=0 met=no-max\n";
    const ProcessResult result = learner.run({"class", learner.path("class")});
    CAPTURE(result.out);
    CHECK(result.code == 0);
    CHECK(contains(result.out, "ok 4+1"));
    CHECK(contains(std::regex_replace(result.out, std::regex("\\s+"), " "),
                   "03: 1 of 2 stop here. 2 of 2 met \"no-max\". Your softmax takes exp"));
    for (const auto& line : lines_of(result.out)) CHECK(display_width(line) <= 80);
    const Json json = Json::parse(learner.run({"class", learner.path("class"), "--json"}).out);
    CHECK(json["learners"].size() == 2);
    CHECK(json["learners"][0]["lessons"]["03-matmul"]["passed"] == true);
}

TEST_CASE("each command names the targets that the script builds for it, and no others") {
    const Learner learner;
    const auto targets = [&](std::vector<std::string> words) {
        words.insert(words.begin(), "targets");
        return learner.run(words).out;
    };
    for (const std::string command : {"start", "hint", "list", "doctor", "map", "reset"})
        CHECK(targets({command}) == "");
    CHECK(targets({"read", "9"}) == "lesson_09_program\n");
    CHECK(targets({"check", "--json", "matmul"}) == "lesson_03_check\n");
    CHECK(targets({"check"}) == "lesson_00_check\n");  // the current lesson
    CHECK(targets({"check", "--help"}) == "");
    CHECK(targets({"check", "nonsense"}) == "");  // the program itself says what is wrong
    CHECK(targets({"watch", "03"}) == "gradus_course\n");
    CHECK(targets({"verify"}) == "gradus_course\n");
    CHECK(targets({"verify", "03"}) == "lesson_03_check\n");
    learner.run({"start", "02"});
    learner.run({"start", "04"});
    CHECK(targets({"check", "--all"}) == "lesson_02_check\nlesson_04_check\n");
}

TEST_CASE("the doctor is content with this machine") {
    const Learner learner;
    const ProcessResult result = learner.run({"doctor"});
    CAPTURE(result.out);
    CHECK(result.code == 0);
    CHECK(contains(result.out, "compile and check"));
    CHECK(Json::parse(learner.run({"doctor", "--json"}).out)["findings"].size() >= 6);
}

TEST_CASE("watch checks on a save, obeys keys and leaves the terminal as it was") {
    const Learner learner;
    learner.run({"start", "03"});
    const std::string file = learner.path("my-gpt/03_matmul.h");
    int stage = 0;
    PseudoTerminal terminal = terminal_of(learner);
    terminal.on_output = [&](int master, const std::string& out) {
        const std::size_t prompts = count_of(out, "waiting for a save");
        const auto press = [&](char key) { CHECK(::write(master, &key, 1) == 1); };
        if (stage == 0 && prompts == 1 && contains(out, "still unfinished")) {
            stage = 1;
            std::ofstream(file) << solution();
        } else if (stage == 1 && prompts == 2 && contains(out, "passed")) {
            stage = 2;
            press('h');
        } else if (stage == 2 && prompts == 3 && contains(out, "hint 1 of 3")) {
            stage = 3;
            press('l');
        } else if (stage == 3 && prompts == 4) {
            stage = 4;
            press('q');
        }
    };
    const TerminalResult result = run_in_terminal({kCourse, "watch", "03"}, terminal);
    CAPTURE(result.out);
    CHECK(stage == 4);
    CHECK(result.code == 0);
}

TEST_CASE("watch: a save during a check begins it anew, with the last verdict dimmed until then") {
    const Learner learner;
    learner.run({"start", "03"});
    const std::string file = learner.own("03_matmul.h");
    int stage = 0;
    PseudoTerminal terminal = terminal_of(learner);
    terminal.on_output = [&](int master, const std::string& out) {
        const std::size_t checks = count_of(out, "checking my-gpt/03_matmul.h ...");
        if (stage == 0 && contains(out, "waiting for a save")) {
            stage = 1;
            write_file(file, with("for (volatile int n = 0;;) n = 1 - n;"));
        } else if (stage == 1 && checks == 2) {
            stage = 2;
            write_file(file, solution());
        } else if (stage == 2 && contains(out, ": passed")) {
            stage = 3;
            CHECK(::write(master, "q", 1) == 1);
        }
    };
    const TerminalResult result = run_in_terminal({kCourse, "watch", "03"}, terminal);
    CAPTURE(result.out);
    CHECK(stage == 3);
    CHECK(result.code == 0);
    CHECK_FALSE(contains(result.out, "did not end"));  // the endless loop was not waited for
    const std::size_t second = result.out.rfind("checking my-gpt");
    REQUIRE(second != std::string::npos);
    CHECK(contains(result.out.substr(second), "\x1b[2m- 03") !=
          contains(result.out.substr(second), "\x1b[2m✗ 03"));
    // It was not recorded either: the stub is not a try, and the endless loop would be one.
    CHECK(contains(learner.run({"list"}).out, "✓ 03-matmul          passed\n"));
}

TEST_CASE("watch: while code runs that may not end, nothing on the screen says that it passed") {
    const Learner learner;
    learner.write(solution());
    const std::string file = learner.own("03_matmul.h");
    const std::string results = learner.own(".build/03-matmul/03-matmul.results");
    int stage = 0;
    std::size_t saved = 0;
    PseudoTerminal terminal = terminal_of(learner);
    terminal.on_output = [&](int master, const std::string& out) {
        if (stage == 0 && contains(out, "waiting for a save")) {
            stage = 1;
            saved = out.size();
            fs::remove(results);
            write_file(file, with("for (volatile int n = 0;;) n = 1 - n;"));
        } else if (stage == 1 && count_of(out, "checking my-gpt") == 2) {
            for (int i = 0; i < 3000 && !fs::exists(results); ++i) ::usleep(10000);
            stage = fs::exists(results) ? 2 : -1;  // it runs
            write_file(file, "no C++");
        } else if (stage == 2 && count_of(out, "waiting for a save") == 2) {
            stage = 3;
            CHECK(::write(master, "q", 1) == 1);
        }
    };
    const TerminalResult result = run_in_terminal({kCourse, "watch", "03"}, terminal);
    CAPTURE(result.out);
    CHECK(stage == 3);
    CHECK(result.code == 1);
    CHECK(contains(result.out.substr(0, saved), "passed"));
    CHECK_FALSE(contains(result.out.substr(saved), "passed"));
    CHECK(contains(result.out.substr(saved), "does not name a type"));  // of the new file
    CHECK_FALSE(contains(result.out, "did not end"));
}

TEST_CASE("a pipe gets no escape codes, 40 columns are enough, ASCII if asked for") {
    const Learner learner;
    learner.run({"start", "03"});
    for (const Words& words : {Words{"map"},
                               {"list"},
                               {"check", "03"},
                               {"hint", "03"},
                               {"demo", "03"},
                               {"start", "03"}}) {
        Words command = {kCourse};
        command.insert(command.end(), words.begin(), words.end());
        command.push_back("--ascii");
        ProcessOptions options;
        options.environment = learner.environment();
        options.environment[1].second = "40";
        const ProcessResult result = run_to_end(command, options);
        CAPTURE(result.out);
        CHECK_FALSE(contains(result.out, "\x1b"));
        CHECK(is_ascii(result.out));
        if (words[0] == "map" || words[0] == "list" || words[0] == "demo")
            for (const auto& line : lines_of(result.out))
                if (!contains(line, "/")) CHECK(display_width(line) <= 40);
    }
}

TEST_CASE(
    "a slip that no mutant has is told in a sentence, several that look alike together (3 s)") {
    const Learner learner;
    const auto explained = [&](const std::string& old, const std::string& now) {
        learner.write(replaced(solution(), old, now));
        const Json verdict = learner.check();
        CHECK(verdict["passed"] == false);
        return verdict["misconception"].get<std::string>() + ": " +
               verdict["explanation"].get<std::string>();
    };
    // Written as a learner would, not as the table does.
    std::string words =
        explained("sum += a[i * K + k] * b[k * N + j]", "sum = b[N * k + j] * a[k + K * i]");
    CAPTURE(words);
    CHECK(words.starts_with(
        "overwrites: Your matmul gives what comes out if a sum is written with `=`"));
    words = explained("for (Index k = 0; k < K; ++k) sum += a[i * K + k] * b[k * N + j];", "");
    CHECK(
        words.starts_with("exchanged: More than one slip gives these results; yours may be "
                          "one of these, or several. Your matmul"));
    CHECK(
        contains(words, " Or: Your matmul gives what comes out if one of its steps is left out."));
    // And what is neither is not said to be one.
    words = explained("c[i * N + j] = sum", "c[i * N + j] = sum + 1");
    CHECK(words == ": ");
}

TEST_CASE("a sum that is never set is said to be used before it has a value") {
    const Learner learner;
    learner.write(replaced(solution(), "Real sum = 0;", "Real sum;"));
    CHECK(contains(learner.run({"check", "03"}).out, "sum is used before it has a value"));
}

TEST_CASE("a loss computed once, before the loop, is not advised to keep its graph") {
    const Learner learner;
    std::string text = read_file(GRADUS_SOURCE_DIR "/lessons/09-descent/solution.h");
    text = replaced(text, "        const Variable now = loss();\n", "");
    text = replaced(text, "    for (Index step = 0;",
                    "    const auto now = loss();\n    for (Index step = 0;");
    learner.write(text, "09_descent.h");
    const Json verdict = learner.check("09");
    CHECK(verdict["kind"] == "threw");
    CHECK(contains(verdict["sentence"], "Each step computes its result anew"));
    CHECK_FALSE(contains(verdict["sentence"], "RetainGraph"));
    CHECK(verdict["misconception"] == "loss-once");
    CHECK(contains(verdict["explanation"], "Call loss() inside the loop"));
}

#endif
