// SPDX-License-Identifier: MIT
#include "nn/config.h"

#include <fmt/ranges.h>

#include <algorithm>

namespace gradus {

std::string Field::flag() const {
    std::string flag = "--" + name;
    std::replace(flag.begin(), flag.end(), '_', '-');
    return flag;
}

std::string Field::label() const {
    std::string label = name;
    std::replace(label.begin(), label.end(), '_', ' ');
    return label;
}

std::string Field::text() const {
    const auto yes_no = [](bool yes) { return std::string(yes ? "yes" : "no"); };
    if (const auto* text = std::get_if<std::string*>(&value)) return **text;
    if (const auto* flag = std::get_if<bool*>(&value)) return yes_no(**flag);
    if (const auto* choice = std::get_if<YesNo>(&value)) return yes_no(choice->get());
    // The shortest decimal that reads back as the same number.
    if (const auto* number = std::get_if<float*>(&value)) return fmt::format("{}", **number);
    if (const auto* number = std::get_if<double*>(&value)) return fmt::format("{}", **number);
    if (const auto* number = std::get_if<std::uint64_t*>(&value)) return std::to_string(**number);
    if (const auto* list = std::get_if<std::vector<double>*>(&value))
        return fmt::format("{}", fmt::join(**list, " "));
    return std::to_string(*std::get<Index*>(value));
}

}  // namespace gradus
