// SPDX-License-Identifier: MIT
#include "nn/plot/page.h"

#include <fmt/format.h>

#include "nn/text/utf8.h"
#include "tensor/error.h"

namespace gradus {
namespace {

constexpr const char* kPageStyle = R"(
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--ground);
  font: 16px/1.55 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 16px; overflow-wrap: anywhere; }
h1 { font-size: 1.6em; line-height: 1.25; }
h2 { font-size: 1.2em; margin: 2em 0 .5em; }
.status { padding: 10px 14px; background: var(--box); border-left: 4px solid var(--focus); }
figure { margin: 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption, .soft { color: var(--soft); }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 4px 14px 4px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
th, .scroll td { overflow-wrap: normal; }
a { color: var(--focus); }
summary { padding: 10px 0; cursor: pointer; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
pre { margin: 4px 0 0; padding: 10px 14px; background: var(--box); white-space: pre-wrap;
  font: 14px/1.5 ui-monospace, monospace; }
figcaption { margin-top: 8px; }
ol { padding-left: 1.9em; }
li { margin-bottom: 12px; }
.moment { display: none; }
.moment:last-of-type, .moment:target { display: block; }
.moment:target ~ .moment:last-of-type { display: none; }
.moment svg { margin-bottom: 12px; }
.steps > * { display: inline-block; padding: 10px 6px; }
@media print { .moment { display: block !important; }
  figure svg { min-width: 0 !important; } }
.surprisal span { display: inline-block; min-width: 1.2em; padding: 2px 1px; text-align: center;
  font: 16px/1.3 ui-monospace, monospace; }
.surprisal small { display: block; font-size: 12px; }
.cards, .cards ul { list-style: none; padding: 0; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(130px, 1fr)); gap: 12px; }
.cards li li { margin: 0; color: var(--soft); font-variant-numeric: tabular-nums; }
.cards i { display: block; height: 4px; background: var(--focus); }
)";

}  // namespace

std::string_view page_colours() {
    return R"(:root { color-scheme: light; --ink: #1b1b1b; --soft: #505050; --ground: #ffffff;
  --box: #f3f3f3; --rule: #c8c8c8; --focus: #0060a0; }
@media screen and (prefers-color-scheme: dark) { :root { color-scheme: dark; --ink: #ececec;
  --soft: #b8b8b8; --ground: #16181b; --box: #23262a; --rule: #4a4f55; --focus: #7cc4f5; } }
)";
}

std::string html_escape(std::string_view text) {
    Utf8Stream valid;
    const std::string begin = valid.feed(text), all = begin + valid.finish();
    std::string out;
    for (const char c : all) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else if (c == '\'')
            out += "&#39;";
        else if ((byte < 0x20 && c != '\n' && c != '\t') || byte == 0x7f)
            out += "\xEF\xBF\xBD";
        else
            out += c;
    }
    return out;
}

std::string table_html(std::string_view name, const std::vector<std::string>& head,
                       const std::vector<std::vector<std::string>>& rows) {
    std::string out = fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>\n<tr>",
        html_escape(name));
    for (const auto& cell : head)
        out += fmt::format("<th scope=\"col\">{}</th>", html_escape(cell));
    out += "</tr>\n";
    for (const auto& row : rows) {
        require(row.size() == head.size(), "table_html: a row of {} cells under {} headings",
                row.size(), head.size());
        out += "<tr>";
        for (const auto& cell : row) out += fmt::format("<td>{}</td>", html_escape(cell));
        out += "</tr>\n";
    }
    return out + "</table></div>\n";
}

std::string facts_html(std::string_view name,
                       const std::vector<std::pair<std::string, std::string>>& facts) {
    std::string out = fmt::format("<table aria-label=\"{}\">\n", html_escape(name));
    for (const auto& [what, value] : facts)
        out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td></tr>\n", html_escape(what),
                           html_escape(value));
    return out + "</table>\n";
}

std::string picture_html(std::string_view svg, std::string_view title) {
    return fmt::format(
        "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"{}\">{}</div>\n",
        html_escape(title), svg);
}

std::string figure_html(const Figure& figure) {
    const Caption& caption = figure.caption;
    std::string out = fmt::format(
        "<h2>{}</h2>\n<figure>{}<figcaption>{} <strong>When something is wrong:</strong> "
        "{}</figcaption></figure>\n",
        html_escape(caption.title), picture_html(figure.svg, caption.title),
        html_escape(caption.look_for), html_escape(caption.wrong));
    if (!figure.table_html.empty())
        out += fmt::format("<details><summary>{}: the numbers</summary>\n{}</details>\n",
                           html_escape(caption.title), figure.table_html);
    return out;
}

std::string html_page(std::string_view title, std::string_view body, bool refreshing) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "{}<title>{}</title>\n<style>{}{}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n"
        "{}</main>\n</body>\n</html>\n",
        refreshing ? "<meta http-equiv=\"refresh\" content=\"2\">\n" : "", html_escape(title),
        page_colours(), kPageStyle, html_escape(title), body);
}

}  // namespace gradus
