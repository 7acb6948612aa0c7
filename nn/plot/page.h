// SPDX-License-Identifier: MIT
// Pages that open by double-click: one HTML file, offline, no script, light and dark, readable on a
// telephone, with the keyboard and by a screen reader.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// Text as text inside an element or a quoted attribute. Control characters, which HTML forbids, and
// malformed UTF-8 become U+FFFD; line breaks and tabs stay.
std::string html_escape(std::string_view text);

// A table with a row of headings, in a box that scrolls by itself when it is too wide. `name` is
// what a screen reader calls it. Cells are text, not HTML.
// Throws std::invalid_argument if a row has another number of cells than `head`.
std::string table_html(std::string_view name, const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows);

// Two columns without a row of headings: what, and its value.
std::string facts_html(std::string_view name,
                       const std::vector<std::pair<std::string, std::string>>& facts);

struct Figure {
    std::string svg;  // HTML, put in as it is
    Caption caption;
    std::string table_html;  // the numbers, folded away; may be empty
};

// The picture under its title as an h2, what to look for, what wrong looks like, the numbers.
std::string figure_html(const Figure& figure);

// The whole document. `body` is HTML. `refreshing`: the browser loads it anew every 2 seconds.
std::string html_page(std::string_view title, std::string_view body, bool refreshing);

}  // namespace gradus
