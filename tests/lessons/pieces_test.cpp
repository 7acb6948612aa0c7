// SPDX-License-Identifier: MIT
// What of a solution the answer for a typical mistake repeats.
#include "lessons/check/pieces.h"

#include "tests/lessons/learner.h"

using namespace gradus;
using namespace gradus::lessons;

namespace {

const std::string kSolution =
    "#include \"given.h\"\n\nnamespace mine {\n\n"
    "// A pair; with } in a note.\nstruct Pair {\n    Real a = 0, b{1};\n};\n\n"
    "inline Real twice(Real x) {\n    return 2 * x;\n}\n\n"
    "template <class T>\ninline Real four(const T& x) { return twice(twice(x)); }\n\n"
    "inline const std::vector<int> kList = {1, 2};\n\n"
    "inline Real sum(const Pair& p) { return p.a + p.b; }\n"
    "inline Real mean(const Pair& p) { return sum(p) / 2; }\n\n}  // namespace mine\n";

std::string changes(const std::string& from, const std::string& to) {
    return only_changes(kSolution, replaced(kSolution, from, to), "solution_42");
}
bool repeats(const std::string& text, const std::string& code) {
    return text.find(code) != std::string::npos;
}
bool takes(const std::string& text, const std::string& name) {
    return text.find("using ::solution_42::" + name + ";") != std::string::npos;
}

}  // namespace

TEST_CASE("pieces: what changed is repeated, and what calls it; the rest is the solution's") {
    const std::string text = changes("2 * x", "3 * x");
    CHECK(repeats(text, "return 3 * x;"));
    CHECK(repeats(text, "template <class T>\ninline Real four"));
    for (const char* name : {"Pair", "kList", "sum", "mean"}) CHECK(takes(text, name));
    CHECK(!takes(text, "twice"));
    CHECK(!takes(text, "four"));

    const std::string last = changes("sum(p) / 2", "sum(p)");
    CHECK(repeats(last, "mean(const Pair& p)"));
    for (const char* name : {"Pair", "kList", "sum", "twice", "four"}) CHECK(takes(last, name));
}

TEST_CASE("pieces: a type is repeated if a function that takes it is called anew") {
    // Else sum(p) in mean() would find two functions: its own, and the solution's by its argument.
    const std::string text = changes("p.a + p.b", "p.a - p.b");
    CHECK(repeats(text, "struct Pair"));
    CHECK(repeats(text, "p.a - p.b"));
    CHECK(repeats(text, "mean("));
    CHECK(takes(text, "twice"));
}

TEST_CASE("pieces: a new function is repeated with its users; what is not understood, whole") {
    const std::string helped = changes("inline Real mean(const Pair& p) { return sum(p) / 2; }",
                                       "inline Real half(Real x) { return x / 2; }\n"
                                       "inline Real mean(const Pair& p) { return half(sum(p)); }");
    CHECK(repeats(helped, "inline Real half"));
    CHECK(takes(helped, "sum"));
    // A name that is gone: whatever mentions it cannot be the solution's.
    const std::string renamed = replaced(replaced(kSolution, "twice(Real x)", "double_of(Real x)"),
                                         "twice(twice(x))", "double_of(double_of(x))");
    const std::string text = only_changes(kSolution, renamed, "solution_42");
    CHECK(repeats(text, "double_of(Real x)"));
    CHECK(!takes(text, "four"));

    for (const auto& change :
         {std::pair("struct Pair {", "#define X\nstruct Pair {"),
          std::pair("struct Pair {", "using Real2 = Real;\nstruct Pair {"),
          std::pair("inline Real twice(", "inline Real operator+(Pair, Pair);\ninline Real twice("),
          std::pair("#include \"given.h\"", "#include \"other.h\"")}) {
        CAPTURE(change.second);
        const std::string other = replaced(kSolution, change.first, change.second);
        CHECK(only_changes(kSolution, other, "solution_42") == other);
    }
    CHECK(only_changes(kSolution, "namespace mine {", "s") == "namespace mine {");
    CHECK(only_changes("", "", "s").empty());
}
