// SPDX-License-Identifier: MIT
// A table for a terminal: columns if there is room, else one paragraph per row.
#pragma once

#include <string>
#include <vector>

namespace gradus::bench {

class Table {
 public:
    // A column is as wide as its heading and at least 6; the first is `first` wide and
    // left-aligned, the others are right-aligned. `columns`: the width of the terminal.
    Table(std::vector<std::string> headings, int first, int columns);

    // Lines without the final newline. An empty cell is shown as "-", or left out if rows are
    // paragraphs.
    std::string heading() const;  // empty if rows are paragraphs
    std::string row(const std::vector<std::string>& cells) const;

 private:
    std::size_t width(std::size_t column) const;

    std::vector<std::string> headings_;
    int first_, columns_;
    bool paragraphs_;
};

}  // namespace gradus::bench
