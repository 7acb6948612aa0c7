// SPDX-License-Identifier: MIT
// Pages that open with a double-click: each is a single HTML file that works offline, without
// scripts, in light and dark mode, on a phone, by keyboard and with a screen reader.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "nn/plot/picture.h"

namespace gradus {

// The colours of every page, as CSS variables: --ink and --soft for text, --ground, --box, --rule,
// --focus. Light and dark keep a contrast of at least 4.5 between text and ground; paper is light.
std::string_view page_colours();

// Escapes text for use in an element or a quoted attribute. Control characters, which HTML forbids,
// and malformed UTF-8 become U+FFFD; line breaks and tabs stay.
std::string html_escape(std::string_view text);

// A table with a header row, in a box that scrolls on its own if the table is too wide. Screen
// readers announce it as `name`. Cells are text, not HTML. Throws std::invalid_argument unless
// every row has as many cells as `head`.
std::string table_html(std::string_view name, const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows);

// A table of names and values, without a header row.
std::string facts_html(std::string_view name,
                       const std::vector<std::pair<std::string, std::string>>& facts);

struct Figure {
    std::string svg;  // HTML, inserted as is
    Caption caption;
    std::string table_html;  // the numbers, collapsed at first; may be empty
};

// A picture of that title, in a box that scrolls on its own where the picture cannot shrink further.
std::string picture_html(std::string_view svg, std::string_view title);

// The title as an h2, the picture, what to look for, what a fault looks like, and the numbers.
std::string figure_html(const Figure& figure);

// The whole document. `body` is HTML. `refreshing`: the browser reloads it every 2 seconds.
std::string html_page(std::string_view title, std::string_view body, bool refreshing);

}  // namespace gradus
