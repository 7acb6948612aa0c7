// SPDX-License-Identifier: MIT
// Pages: whatever a model or a file name contains stays text, and nothing is loaded from elsewhere.
#include "nn/plot/page.h"
#include "tests/text.h"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace gradus;

TEST_CASE("page: text is escaped, line breaks and other alphabets stay") {
    CHECK(html_escape("<b>&\"'\n\t猫") == "&lt;b&gt;&amp;&quot;&#39;\n\t猫");
    CHECK(html_escape("a\xFF") == "a\xEF\xBF\xBD");
    CHECK(html_escape(std::string("a\0b\x1b", 4)) ==
          "a\xEF\xBF\xBD"
          "b\xEF\xBF\xBD");
}

TEST_CASE("page: the refresh tag is there only while asked for") {
    CHECK(contains(html_page("t", "", true), "http-equiv=\"refresh\""));
    CHECK_FALSE(contains(html_page("t", "", false), "http-equiv"));
}

TEST_CASE("page: names, cells and captions cannot become tags") {
    const std::string bad = "<i>\"";
    const std::string page =
        html_page(bad,
                  figure_html({"<svg></svg>", {bad, bad, bad}, table_html(bad, {bad}, {{bad}})}) +
                      facts_html(bad, {{bad, bad}}),
                  false);
    CHECK_FALSE(contains(page, "<i>"));
    CHECK(contains(page, "<svg></svg>"));
    CHECK(contains(page, "aria-label=\"&lt;i&gt;&quot;\""));
}

TEST_CASE("page: a row that does not fit its headings is refused") {
    CHECK_THROWS_AS(table_html("t", {"a", "b"}, {{"1"}}), std::invalid_argument);
}

TEST_CASE("page: a figure without numbers has nothing to unfold") {
    CHECK_FALSE(contains(figure_html({"", {"t", "l", "w"}, ""}), "<details>"));
    CHECK(contains(figure_html({"", {"t", "l", "w"}, "<p>1</p>"}), "<details>"));
}
