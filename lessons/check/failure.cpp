// SPDX-License-Identifier: MIT
#include "lessons/check/failure.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <regex>

namespace gradus::lessons {
namespace {

// The text between the brackets that begin at `open`, split at its top-level commas.
std::vector<std::string> parts_of(const std::string& text, std::size_t open) {
    std::vector<std::string> parts(1);
    int depth = 0;
    for (std::size_t i = open; i < text.size(); ++i) {
        const char c = text[i];
        if (c == ')' || c == '}' || c == ']') --depth;
        if (depth == 0 && i > open) break;
        if (c == ',' && depth == 1)
            parts.emplace_back();
        else if (i > open && !(c == ' ' && parts.back().empty()))
            parts.back() += c;
        if (c == '(' || c == '{' || c == '[') ++depth;
    }
    return parts;
}

// What is compared: the first argument of same().
std::string first_argument(const std::string& expression) {
    const std::size_t call = expression.find("same(");
    return call > 9 ? "" : parts_of(expression, call + 4)[0];
}

std::string name_of(std::string text) {
    static const std::regex tensor(R"((\.value\(\))?\.to_vector\(\)$)");
    static const std::regex gradient(R"(^(\w+)\.grad\(\)$)"), value(R"(^(\w+)\.(data|item)\(\)$)");
    static const std::regex member(R"(^\w+\.(\w+(\[\w+\])?)$)"), plain(R"(^[A-Za-z]\w*$)");
    text = std::regex_replace(text, tensor, "");
    std::smatch found;
    if (std::regex_match(text, found, gradient)) return "the gradient of " + found[1].str();
    if (std::regex_match(text, found, value)) return "the value of " + found[1].str();
    if (std::regex_match(text, found, member)) return found[1];
    static const std::regex of_result(R"(^.*\)\.(\w+)$)");
    if (std::regex_match(text, found, of_result)) return found[1];
    // "yours" and "all" say nothing; "total" and "dx" do.
    if (std::regex_match(text, found, plain) && text != "yours" && text != "all") return text;
    return "";
}

std::string number(double value, int digits) {
    // A place or a count is whole: 4900000000, not 4.9e+09.
    if (std::trunc(value) == value && std::abs(value) < 1e15)
        return fmt::format("{:.0f}", value + 0.0);
    return std::isnan(value) ? "nan" : fmt::format("{:.{}g}", value, digits);  // without its sign
}

bool differs(const Comparison& failed, std::size_t i) {
    return !close(failed.yours[i], failed.expected[i], failed.tolerance);
}

// "element 5" or, with sizes (2, 3), "row 1, column 2".
std::string place(const Comparison& failed, std::size_t at, const std::vector<std::string>& names) {
    const auto& sizes = failed.sizes;
    if (names.size() == failed.expected.size()) return names[at];
    const std::string of = names.size() == 1 ? " of " + names[0] : "";
    if (sizes.size() == 2)
        return fmt::format("row {}, column {}{}", static_cast<Index>(at) / sizes[1],
                           static_cast<Index>(at) % sizes[1], of);
    if (sizes.size() < 2) return fmt::format("element {}{}", at, of);
    std::string text;
    auto rest = static_cast<Index>(at);
    for (std::size_t axis = sizes.size(); axis-- > 0; rest /= sizes[axis])
        text = fmt::format("{}{}{}", rest % sizes[axis], text.empty() ? "" : ", ", text);
    return "element [" + text + "]" + of;
}

// All numbers of both sides as text of the same width, to four digits or to as many as it takes to
// show that they differ.
struct Column {
    std::vector<std::string> yours, expected;
    std::size_t width = 0;
};

Column column_of(const Comparison& failed) {
    int digits = 4;
    for (std::size_t i = 0; i < failed.yours.size(); ++i)
        while (digits < 15 && differs(failed, i) &&
               number(failed.yours[i], digits) == number(failed.expected[i], digits))
            ++digits;
    Column column;
    for (std::size_t i = 0; i < failed.yours.size(); ++i) {
        column.yours.push_back(number(failed.yours[i], digits));
        column.expected.push_back(number(failed.expected[i], digits));
        column.width = std::max({column.width, column.yours[i].size(), column.expected[i].size()});
    }
    return column;
}

// One line for each number, with its name.
std::string list_of(const Comparison& failed, const std::vector<std::string>& names) {
    const Column column = column_of(failed);
    const std::size_t width = std::max<std::size_t>(column.width, 8);
    std::vector<std::string> labels;
    std::size_t label_width = 0;
    for (std::size_t i = 0; i < failed.yours.size(); ++i) {
        labels.push_back(names.size() == failed.expected.size() ? names[i] : fmt::format("{}", i));
        label_width = std::max(label_width, labels.back().size());
    }
    std::string out = fmt::format("  {:<{}}  {:>{}}  {:>{}}\n", "", label_width, "yours", width,
                                  "expected", width);
    for (std::size_t i = 0; i < failed.yours.size(); ++i)
        out += fmt::format("{} {:<{}}  {:>{}}  {:>{}}\n", differs(failed, i) ? ">" : " ", labels[i],
                           label_width, column.yours[i], width, column.expected[i], width);
    return out;
}

// Two matrices beside each other, or below each other if they are wide.
std::string matrices_of(const Comparison& failed) {
    const auto rows = static_cast<std::size_t>(failed.sizes[0]),
               cols = static_cast<std::size_t>(failed.sizes[1]);
    const Column column = column_of(failed);
    const auto row = [&](const std::vector<std::string>& numbers, std::size_t r, bool marked) {
        std::string line;
        for (std::size_t j = 0; j < cols; ++j) {
            const bool wrong = marked && differs(failed, r * cols + j);
            line +=
                fmt::format("{}{:>{}}", wrong ? " >" : "  ", numbers[r * cols + j], column.width);
        }
        return line;
    };
    const std::size_t width = std::max<std::size_t>(cols * (column.width + 2), 9);
    const bool beside = 2 * width + 4 <= 72;
    std::string out, below;
    out += beside ? fmt::format("  {:<{}}    {}\n", "yours", width - 2, "  expected") : "  yours\n";
    for (std::size_t r = 0; r < rows; ++r) {
        const std::string right = row(column.expected, r, false) + "\n";
        out += fmt::format("{:<{}}", row(column.yours, r, true), width);
        out += beside ? "    " + right : "\n";
        below += right;
    }
    return beside ? out : out + "  expected\n" + below;
}

}  // namespace

std::vector<std::string> names_compared(const std::string& expression) {
    const std::string first = first_argument(expression);
    if (first.empty()) return {};
    std::vector<std::string> names;
    if (first[0] == '{') {
        for (const auto& part : parts_of(first, 0)) names.push_back(name_of(part));
    } else {
        names.push_back(name_of(first));
    }
    const bool known =
        std::none_of(names.begin(), names.end(), [](const auto& n) { return n == ""; });
    return known ? names : std::vector<std::string>();
}

std::string call_compared(const std::string& expression, const std::string& function) {
    // Of same() or of a lesson's own same_ids() and the like.
    static const std::regex compares(R"(^same\w*\()"), text(R"("(?:[^"\\]|\\.)*")");
    std::smatch found;
    if (!std::regex_search(expression, found, compares)) return "";
    std::string call = parts_of(expression, static_cast<std::size_t>(found.length()) - 1)[0];
    if (call.starts_with("part().")) call = call.substr(7);
    if (function.empty() || !call.starts_with(function + "(") || call.back() != ')') return "";
    const std::string rest = std::regex_replace(call.substr(function.size()), text, "");
    const bool plain = std::all_of(rest.begin(), rest.end(), [](char c) {
        return std::isdigit(static_cast<unsigned char>(c)) != 0 ||
               std::string("(){},.- e").find(c) != std::string::npos;
    });
    return plain ? call : "";
}

std::string readable(const std::string& expression) {
    static const std::regex helper(R"(\(|::|\bk[A-Z])");
    return std::regex_search(expression, helper) ? "" : expression;
}

std::string words_of(const Comparison& failed, const std::vector<std::string>& names) {
    if (failed.yours.size() != failed.expected.size() || failed.expected.empty())
        return names.size() == 1 && names[0] != "" && failed.words.starts_with("yours ")
                   ? names[0] + ": " + failed.words
                   : failed.words;
    std::size_t wrong = 0, first = 0;
    for (std::size_t i = failed.expected.size(); i-- > 0;)
        if (differs(failed, i)) ++wrong, first = i;
    std::string mine = number(failed.yours[first], 6), right = number(failed.expected[first], 6);
    if (mine == right)  // enough digits to show the difference
        mine = number(failed.yours[first], 15), right = number(failed.expected[first], 15);
    std::string words = fmt::format("yours is {}, expected {}", mine, right);
    const std::string at = failed.is_single && names.empty() ? "" : place(failed, first, names);
    if (!at.empty()) words = at + ": " + words;
    if (wrong > 1) words += fmt::format(" ({} of {} are wrong)", wrong, failed.expected.size());
    return words;
}

std::string table_of(const Comparison& failed, const std::vector<std::string>& names) {
    if (failed.is_single || failed.yours.size() != failed.expected.size()) return "";
    if (failed.expected.size() < 2) return "";
    const auto& sizes = failed.sizes;
    if (sizes.size() == 2 && sizes[0] <= 8 && sizes[1] <= 8) return matrices_of(failed);
    return sizes.size() < 2 && failed.expected.size() <= 12 ? list_of(failed, names) : "";
}

}  // namespace gradus::lessons
