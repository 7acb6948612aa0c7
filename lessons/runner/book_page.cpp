// SPDX-License-Identifier: MIT
#include "lessons/runner/book_page.h"

#include <fmt/core.h>

#include "nn/plot/page.h"

namespace gradus::lessons {
namespace {

// A line of text is about 70 characters long. On paper: black on white, each lesson on a page of its
// own, answers unfolded, and what does not fit across is wrapped, since paper cannot be scrolled.
constexpr const char* kBookStyle = R"css(
* { box-sizing: border-box; }
body { margin: 0; color: var(--ink); background: var(--ground);
  font: 17px/1.6 system-ui, "Noto Sans", "Noto Sans CJK SC", sans-serif; }
header, nav, main { max-width: 39em; margin: 0 auto; padding: 16px; }
main { overflow-wrap: break-word; }
h1 { font-size: 1.6em; line-height: 1.2; }
h2 { font-size: 1.5em; line-height: 1.25; margin: 3em 0 0; padding-top: .6em;
  border-top: 3px solid var(--focus); }
h3 { font-size: 1.15em; line-height: 1.3; margin: 2.2em 0 .6em; }
nav h2 { margin-top: 1em; font-size: 1.15em; border: 0; }
nav ol { list-style: none; padding: 0; margin: 0; columns: 2 16em; }
nav li { margin: 0; break-inside: avoid; }
nav a { display: block; padding: 6px 0; }
a { color: var(--focus); }
.up { margin-left: 1em; }
.soft, figcaption { color: var(--soft); }
code { font: .92em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; }
p code, li code, td code { padding: 1px 3px; background: var(--box); border-radius: 3px;
  overflow-wrap: anywhere; }
td code { overflow-wrap: normal; }
pre { padding: 10px 14px; background: var(--box); overflow-x: auto; line-height: 1.4; }
pre code { font-size: 15px; line-height: 1.4; }
@media screen and (min-width: 40em) {
  pre { inline-size: fit-content; min-inline-size: 100%; max-inline-size: calc(50vw + 15.5em); } }
pre.demo { border-left: 4px solid var(--focus); }
.scroll { overflow-x: auto; }
.formula { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: safe center;
  gap: 10px 2.5em; margin: 1em 0; padding: 4px 0; overflow-x: auto; overflow-y: hidden; }
math { font-size: 1.06em; font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math",
  "Noto Sans Math", math; }
.formula math { flex: none; }
table { border-collapse: collapse; margin: 1em 0; }
th, td { padding: 5px 16px 5px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--rule); }
th { font-weight: 600; }
@media screen and (max-width: 40em) {
  .stack, .stack tbody, .stack tr, .stack td { display: block; }
  .stack tr:first-child { display: none; }
  .stack td { padding: 4px 0; border: 0; }
  .stack td:first-child { padding-top: 8px; border-top: 1px solid var(--rule); }
  .stack td:not(:first-child) { padding-left: 1.2em; }
  .stack td code { overflow-wrap: anywhere; } }
blockquote { margin: 1em 0; padding: 0 1em; border-left: 4px solid var(--rule); }
ol, ul { padding-left: 1.6em; }
li { margin-bottom: 8px; }
figure { margin: 1.6em 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { margin-top: 8px; font-size: .94em; line-height: 1.5; }
details { margin: 1em 0; padding: 0 14px; border: 1px solid var(--rule); border-radius: 6px; }
summary { margin: 0 -14px; padding: 10px 14px; cursor: pointer; color: var(--focus); }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
@page { margin: 18mm 20mm; }
@media print {
  body { font-size: 10.5pt; line-height: 1.45; }
  header, nav, main { max-width: none; padding: 0; }
  article { break-before: page; }
  h2 { margin-top: 0; }
  h2, h3 { break-after: avoid; }
  pre, figure, tr, .formula, blockquote, details { break-inside: avoid; }
  p { orphans: 3; widows: 3; }
  pre, p code { border: 1px solid var(--rule); background: none; }
  pre { white-space: pre-wrap; }
  pre code { font-size: 8.5pt; }
  .scroll, .formula, pre { overflow: visible; }
  figure svg { max-width: 150mm; min-width: 0 !important; }
  figure svg.diagram { max-width: 100%; }
  a { color: inherit; text-decoration: none; }
  main a[href^="https"]::after { content: " (" attr(href) ")"; color: var(--soft); }
  .up { display: none; }
  summary { list-style: none; color: inherit; font-weight: 600; break-after: avoid; }
  details::details-content { content-visibility: visible; display: block; block-size: auto; }
}
)css";

}  // namespace

std::string book_page(const BookWords& words, const std::string& title, const std::string& header,
                      const std::string& articles) {
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{0}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<link rel=\"icon\" href=\"data:,\">\n"
        "<title>{1}</title>\n<style>{5}{2}</style>\n</head>\n<body>\n"
        "{3}<main>\n{4}</main>\n</body>\n</html>\n",
        words.language, title, kBookStyle, header, articles, page_colours());
}

}  // namespace gradus::lessons
