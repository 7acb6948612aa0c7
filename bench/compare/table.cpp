// SPDX-License-Identifier: MIT
#include "bench/compare/table.h"

#include <fmt/core.h>

#include <algorithm>

#include "nn/terminal/terminal.h"
#include "tensor/error.h"

namespace gradus::bench {
namespace {

constexpr std::size_t kGap = 2;

}  // namespace

Table::Table(std::vector<std::string> headings, int first, int columns)
    : headings_(std::move(headings)), first_(first), columns_(columns) {
    std::size_t total = 0;
    for (std::size_t i = 0; i < headings_.size(); ++i) total += width(i) + (i ? kGap : 0);
    paragraphs_ = total >= static_cast<std::size_t>(columns);
}

std::size_t Table::width(std::size_t column) const {
    if (column == 0) return std::max(headings_[0].size(), static_cast<std::size_t>(first_));
    return std::max<std::size_t>(headings_[column].size(), 6);
}

std::string Table::heading() const {
    return paragraphs_ ? "" : row(headings_);
}

std::string Table::row(const std::vector<std::string>& cells) const {
    require(cells.size() == headings_.size(), "table: {} cells for {} columns", cells.size(),
            headings_.size());
    if (!paragraphs_) {
        std::string line = fmt::format("{:<{}}", cells[0], width(0));
        for (std::size_t i = 1; i < cells.size(); ++i)
            line += fmt::format("{:>{}}", cells[i].empty() ? "-" : cells[i], width(i) + kGap);
        return line;
    }
    std::string text = cells[0];
    for (std::size_t i = 1; i < cells.size(); ++i)
        if (!cells[i].empty())
            text += fmt::format("{}{} {}", i == 1 ? ": " : ", ", headings_[i], cells[i]);
    return wrapped(text, 2, columns_ - 1);
}

}  // namespace gradus::bench
