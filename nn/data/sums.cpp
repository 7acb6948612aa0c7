// SPDX-License-Identifier: MIT
#include "nn/data/sums.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {

namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

}  // namespace

Sums::Sums(int digits) : digits_(static_cast<std::size_t>(digits)) {
    require(digits >= 1 && digits <= 17, "sums: {} digits, must be 1 to 17", digits);
}

std::string Sums::finished(std::string_view question) const {
    std::string text(question.substr(0, 2 * digits_ + 2));
    int carry = 0;
    for (std::size_t i = digits_; i-- > 0;) {
        const int sum = (text[i] - '0') + (text[digits_ + 1 + i] - '0') + carry;
        text += static_cast<char>('0' + sum % 10);
        carry = sum / 10;
    }
    text += static_cast<char>('0' + carry);
    return text + "\n";
}

std::string Sums::prompt() const {
    return std::string(digits_ - 1, '4') + "7+" + std::string(digits_, '5') + "=";
}

std::string Sums::sample(Random& random) const {
    std::string question;
    for (const char after : {'+', '='}) {
        for (std::size_t i = 0; i < digits_; ++i)
            question += static_cast<char>('0' + random.below(10));
        question += after;
    }
    return finished(question);
}

std::size_t Sums::readable(std::string_view document) const {
    const std::size_t question = 2 * digits_ + 2;
    std::size_t at = 0;
    for (; at < std::min(question, document.size()); ++at) {
        const bool digit = at != digits_ && at + 1 != question;
        const char sign = at == digits_ ? '+' : '=';
        if (digit ? !is_digit(document[at]) : document[at] != sign) return at;
    }
    if (at < question) return at;
    const std::string right = finished(document);
    while (at < std::min(right.size(), document.size()) && document[at] == right[at]) ++at;
    return at;
}

double Sums::logprob(std::string_view document) const {
    const bool right = document.size() == static_cast<std::size_t>(max_length()) &&
                       readable(document) == document.size();
    return right ? -entropy() : -std::numeric_limits<double>::infinity();
}

double Sums::entropy() const {
    return 2 * static_cast<double>(digits_) * std::log(10.0);
}

std::vector<NextCharacter> Sums::next(std::string_view prefix) const {
    require(readable(prefix) == prefix.size(), "sums: no sum begins with {}", in_quotes(prefix));
    const std::size_t at = prefix.size(), question = 2 * digits_ + 2;
    require(at < static_cast<std::size_t>(max_length()), "sums: nothing follows the end of a sum");
    if (at == digits_) return {{"+", 1}};
    if (at + 1 == question) return {{"=", 1}};
    if (at >= question) return {{std::string(1, finished(prefix)[at]), 1}};
    std::vector<NextCharacter> list;
    for (char c = '0'; c <= '9'; ++c) list.push_back({std::string(1, c), 0.1});
    return list;
}

std::vector<std::string> Sums::violations(std::string_view document) const {
    std::vector<std::string> faults;
    const std::string_view whole = detail::only_line(document, "sum", faults);
    const std::string_view line = whole.substr(0, whole.find('\n'));
    const std::size_t good = readable(whole), question = 2 * digits_ + 2;
    if (good < std::min(question, whole.size())) {
        faults.push_back(
            fmt::format("{} is not an addition of numbers of {} digits", in_quotes(line), digits_));
    } else if (good < whole.size()) {
        const std::string right = finished(whole);
        faults.push_back(fmt::format(
            "{} is {} (units first), not {}", std::string(whole.substr(0, question - 1)),
            right.substr(question, digits_ + 1), in_quotes(line.substr(question))));
    }
    return faults;
}

std::vector<std::string> Sums::alphabet() const {
    std::vector<std::string> all = {"\n", "+"};
    for (char c = '0'; c <= '9'; ++c) all.emplace_back(1, c);
    all.emplace_back("=");
    return all;
}

}  // namespace gradus
