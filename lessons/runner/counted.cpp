// SPDX-License-Identifier: MIT
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "lessons/runner/mine.h"
#include "lessons/runner/tokens.h"

namespace gradus::lessons {
namespace {

bool is_in_name(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

std::size_t after_spaces(const std::string& code, std::size_t i) {
    while (i < code.size() && std::isspace(static_cast<unsigned char>(code[i]))) ++i;
    return i;
}

// Where the body begins, after its brace, if `at` is just before the brackets of a function's arguments
// and it is defined there; else npos.
std::size_t body_after(const std::string& code, std::size_t at) {
    std::size_t i = after_spaces(code, at);
    if (i >= code.size() || code[i] != '(') return std::string::npos;
    int open = 0;
    for (; i < code.size(); ++i) {
        open += (code[i] == '(') - (code[i] == ')');
        if (open == 0) break;
    }
    i = after_spaces(code, std::min(i + 1, code.size()));
    if (code.compare(i, 5, "const") == 0) i = after_spaces(code, i + 5);
    return i < code.size() && code[i] == '{' ? i + 1 : std::string::npos;
}

// Where the body of a function of this name begins; npos if the text defines none.
std::size_t body_of(const std::string& code, const std::string& name) {
    for (std::size_t at = code.find(name); at != std::string::npos; at = code.find(name, at + 1)) {
        if ((at > 0 && is_in_name(code[at - 1])) || is_in_name(code[at + name.size()])) continue;
        if (const auto body = body_after(code, at + name.size()); body != std::string::npos)
            return body;
    }
    return std::string::npos;
}

// The same of the operator() of a struct.
std::size_t call_of(const std::string& code, const std::string& name) {
    const std::size_t begin = code.find("struct " + name + " ");
    if (name.empty() || begin == std::string::npos) return std::string::npos;
    const std::size_t end = std::min(code.find("\nstruct ", begin + 1), code.size());
    const std::size_t at = code.find("operator()", begin);
    return at < end ? body_after(code, at + 10) : std::string::npos;
}

}  // namespace

std::vector<std::string> counted_names(const std::string& text, const Lesson& lesson) {
    std::vector<std::string> names;
    for (const auto& name : lesson.functions)
        if (!name.starts_with("make_")) names.push_back(name);
    const std::string code = code_only(text);
    for (std::size_t at = code.find("struct "); at != std::string::npos;
         at = code.find("struct ", at + 1)) {
        const std::size_t begin = after_spaces(code, at + 7);
        std::size_t end = begin;
        while (end < code.size() && is_in_name(code[end])) ++end;
        const std::string name = code.substr(begin, end - begin);
        if (call_of(code, name) != std::string::npos) names.push_back(name);
    }
    return names;
}

std::string counted(const std::string& text, const Lesson& lesson) {
    const std::string code = code_only(text);
    const auto names = counted_names(text, lesson);
    std::vector<std::pair<std::size_t, std::size_t>> bodies;  // where, and of which name
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto at = body_of(code, names[i]);
        if (at == std::string::npos) at = call_of(code, names[i]);
        if (at != std::string::npos) bodies.emplace_back(at, i);
    }
    std::sort(bodies.rbegin(), bodies.rend());
    std::string out = text;
    for (const auto& [at, i] : bodies)
        out.insert(at, fmt::format(" gradus::lessons::count(calls_{}[{}]);", lesson.number, i));
    return out;
}

bool keeps_something(const std::string& text) {
    const auto tokens = tokens_of(text);
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
        if ((tokens[i] == "static" && tokens[i + 1] != "const" && tokens[i + 1] != "constexpr") ||
            tokens[i] == "thread_local")
            return true;
    return false;
}

}  // namespace gradus::lessons
