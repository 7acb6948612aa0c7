// SPDX-License-Identifier: MIT
// Written for the messages of g++ 12 and clang++ 14. A message that is worded otherwise in another
// version is shown as it stands.
#include "lessons/runner/plain_words.h"

#include <fmt/core.h>

#include <map>
#include <regex>

namespace gradus::lessons {
namespace {

// "'gradus::f64::Real' {aka 'double'}" as "'Real'".
std::string with_short_types(const std::string& message) {
    static const std::regex alias(R"( [{(]aka '?[^})]*[})])");
    static const std::regex scope("gradus::(f64::|lessons::)*");
    return std::regex_replace(std::regex_replace(message, alias, ""), scope, "");
}

struct Rule {
    const char *message, *words;  // a regular expression, and what to say; $1 is its first group
};

constexpr Rule kRules[] = {
    {R"((cannot convert|no viable conversion from( returned value of type)?) '(const )?Value.*)",
     "a Value stands where a number is wanted: x.data() is the number of a Value x"},
    {R"(no matching function for call to '(\w+)\(.*Value.*)",
     "$1 takes numbers and gets a Value: x.data() is the number of a Value x"},
    {R"((cannot convert|no viable conversion from) '.*vector<.*' to '(const )?Real ?\*'.*)",
     "a vector stands where a pointer is wanted: v.data() points to its first number"},
    {R"((cannot convert|no viable conversion from) '.*vector<.*' to '(Real|Index|int)'.*)",
     "a whole vector stands where one number is wanted: v[i] is one of its numbers"},
    {R"(cannot convert '(const )?Real\*' to 'Real'.*|cannot initialize .* 'Real' .* '(const )?Real \*')",
     "a pointer stands where a number is wanted: x[i] is one of the numbers it points to"},
    {R"(invalid types '.*\[.*\]' for array subscript|subscripted value is not an array.*)",
     "there are too many indices, as in a[i][k]: the array is flat, and row i, column k of a "
     "matrix "
     "lies at a[i * columns + k]"},
    {R"('(\w+)' is not captured|variable '(\w+)' cannot be implicitly captured.*)",
     "the lambda does not have $1$2: name it in the brackets in front, [$1$2]"},
    {R"(.*captured by copy in a non-mutable lambda|assignment of read-only variable '(\w+)')",
     "this is const, as is everything that a lambda captures by value: it may be read, not "
     "written"},
    {R"((assignment|increment|decrement) of read-only .*|read-only variable is not assignable|.*returns a const value|passing '.*' as 'this' argument discards qualifiers.*|cannot assign to variable .* const-qualified.*)",
     "this is const: it may be read, not written. Is it the right one, or is a copy needed?"},
    {R"(expected ';'.*|expected ',' or ';'.*)",
     "a semicolon is missing, here or at the end of the line before"},
    {R"('(\w+)' was not declared in this scope; did you mean '\1'.*|use of undeclared identifier '(\w+)'; did you mean '\2'.*)",
     "$1$2 is not known here: something of this name is elsewhere, in another namespace or in a "
     "struct"},
    {R"('(\w+)' was not declared in this scope; did you mean '(\w+)'.*|use of undeclared identifier '(\w+)'; did you mean '(\w+)'.*)",
     "$1$3 is not known here: is it spelt right? The compiler suggests $2$4"},
    {R"('(\w+)' was not declared in this scope.*|use of undeclared identifier '(\w+)'.*)",
     "$1$2 is not known here: is it spelt right, and declared before, in this function and not "
     "inside "
     "a loop that has ended?"},
    {R"(too (few|many) arguments to function.*)",
     "this call has too $1 arguments: compare it with the first line of the function"},
    {R"(no matching function for call to '(max|min)\b.*)",
     "std::$1 wants two numbers of the same type: std::$1<Real>(a, b), or std::$1(Index(0), n)"},
    {R"(.*binary 'operator%'.*)", "% needs whole numbers (Index), and one of these is a Real"},
    {R"(.*binary 'operator\^'.*)", "^ is not a power in C++: write x * x, or std::pow(x, n)"},
    {R"(no match for 'operator.*' \(operand types are '.*vector<.*|invalid operands to binary expression \('.*vector<.*)",
     "C++ does not compute with whole vectors: write a loop over their numbers"},
    {R"(a function-definition is not allowed here.*|function definition is not allowed here|expected '\}'.*)",
     "a closing brace } is missing in this function or in one above it"},
    {R"(expected declaration before '\}' token|extraneous closing brace.*)",
     "there is one closing brace } too many, here or above"},
    {R"(expected '\)'.*)", "a closing bracket ) is missing"},
    {R"('else' without a previous 'if')",
     "this else has no if: is there a semicolon after the condition, or a brace too early?"},
    {R"(redefinition of '(.*)'|redeclaration of '(.*)'|declaration of '(.*)' shadows a parameter)",
     "$1$2$3 is declared twice: leave the type out to use the one above, or choose another name"},
    {R"(request for member '(\w+)' in '.*', which is of .* type '.*\*'|member reference base type '.*\*' is not .*)",
     "this is a pointer to the first number, and does not know how many there are: sizes are "
     "arguments "
     "of their own"},
    {R"(.*(has no member named|no member named) 'length'.*)", "a vector has size(), not length()"},
    {R"(lvalue required as left operand.*|expression is not assignable)",
     "what stands left of the = cannot be written to: did you mean == ?"},
    {R"(return-statement with a value, in function returning 'void'.*|void function .* should not return a value.*)",
     "this function returns nothing (void): it writes its results to where its arguments point"},
    {R"(return-statement with no value.*|non-void function .* should return a value.*)",
     "this return needs a value"},
    {R"(.*(narrowing conversion|cannot be narrowed).*)",
     "in braces a number does not change its type by itself: write static_cast<Index>(x), or "
     "Real(n)"},
    // Warnings.
    {R"('(.*)' (may be|is) used uninitialized.*|variable '(.*)' is uninitialized when used here)",
     "$1$3 is used before it has a value: give it one where it is declared, = 0 for a sum"},
    {R"(unused variable '(\w+)')", "$1 is never used"},
    {R"(suggest parentheses around assignment used as truth value|using the result of an assignment as a condition.*)",
     "= assigns and == compares: this condition assigns"},
    {R"(no return statement in function returning non-void|control reaches end of non-void function|non-void function does not return a value.*)",
     "this function can end without a return"},
};

// The header of what a learner is likely to use; the prelude of the course brings the others.
std::string header_of(const std::string& name) {
    static const std::map<std::string, const char*> headers = {{"accumulate", "numeric"},
                                                               {"iota", "numeric"},
                                                               {"inner_product", "numeric"},
                                                               {"partial_sum", "numeric"},
                                                               {"reduce", "numeric"},
                                                               {"numeric_limits", "limits"},
                                                               {"set", "set"},
                                                               {"unordered_map", "unordered_map"},
                                                               {"unordered_set", "unordered_set"},
                                                               {"queue", "queue"},
                                                               {"priority_queue", "queue"},
                                                               {"stack", "stack"},
                                                               {"deque", "deque"},
                                                               {"list", "list"},
                                                               {"array", "array"},
                                                               {"optional", "optional"},
                                                               {"cout", "iostream"},
                                                               {"cerr", "iostream"},
                                                               {"endl", "iostream"},
                                                               {"setw", "iomanip"},
                                                               {"setprecision", "iomanip"},
                                                               {"stringstream", "sstream"},
                                                               {"ostringstream", "sstream"},
                                                               {"invalid_argument", "stdexcept"},
                                                               {"runtime_error", "stdexcept"},
                                                               {"out_of_range", "stdexcept"},
                                                               {"function", "functional"},
                                                               {"sort", "algorithm"},
                                                               {"max_element", "algorithm"},
                                                               {"copy_n", "algorithm"},
                                                               {"mt19937", "random"},
                                                               {"exp", "cmath"},
                                                               {"sqrt", "cmath"},
                                                               {"pow", "cmath"}};
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
}

}  // namespace

std::string plain_words(const std::string& message, const std::string& line) {
    const std::string text = with_short_types(message);
    static const std::regex absent(
        R"('(\w+)' is not a member of 'std'.*|no (member|template|type) named '(\w+)' in namespace 'std'.*)");
    std::smatch found;
    if (std::regex_match(text, found, absent)) {
        const std::string name = found[1].str() + found[3].str(), header = header_of(name);
        if (!header.empty())
            return fmt::format("std::{} needs #include <{}> at the top of the file", name, header);
        return fmt::format("there is no std::{}: is it spelt right, and its header included?",
                           name);
    }
    // clang++ does not say which operator: the line does.
    if (text.starts_with("invalid operands to binary expression ('Real'")) {
        if (line.find('%') != std::string::npos) return plain_words("binary 'operator%'", "");
        if (line.find('^') != std::string::npos) return plain_words("binary 'operator^'", "");
    }
    for (const auto& [pattern, words] : kRules)
        if (std::regex_match(text, found, std::regex(pattern))) return found.format(words);
    return text;
}

}  // namespace gradus::lessons
