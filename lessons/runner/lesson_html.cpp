// SPDX-License-Identifier: MIT
#include "lessons/runner/lesson_html.h"

#include <fmt/core.h>

#include <algorithm>

#include "lessons/runner/formula.h"
#include "lessons/runner/text.h"
#include "nn/plot/page.h"
#include "nn/text/display_width.h"

namespace gradus::lessons {
namespace {

// Wider code may have to be scrolled on a phone, and what scrolls must be reached by keyboard.
constexpr int kPhoneColumns = 36;
// Wider code in the first column leaves no room for the others there: they are set below it.
constexpr int kPhoneCell = 18;

class HtmlWriter {
 public:
    HtmlWriter(const Lesson& lesson, const std::vector<DemoPicture>& pictures,
               const BookWords& words)
        : lesson_(lesson), pictures_(pictures), words_(words) {}

    std::string blocks(const Blocks& list) const {
        std::string out;
        for (const auto& one : list) out += block(one);
        return out;
    }

 private:
    std::string block(const Block& b) const {
        switch (b.kind) {
            case BlockKind::heading:
                return b.level == 1 ? fmt::format("<h2 id=\"lesson-{}\">{}</h2>\n{}",
                                                  lesson_.number, spans(b.spans), facts())
                                    : fmt::format("<h3>{}</h3>\n", spans(b.spans));
            case BlockKind::paragraph:
                return "<p>" + spans(b.spans) + "</p>\n";
            case BlockKind::code:
                return code(b);
            case BlockKind::math:
                return formula(b.text);
            case BlockKind::quote:
                return "<blockquote>\n" + blocks(b.items[0]) + "</blockquote>\n";
            case BlockKind::list:
                return list(b);
            case BlockKind::table:
                return table(b);
            case BlockKind::answer:
                return fmt::format("<details><summary>{}</summary>\n{}</details>\n",
                                   html_escape(b.info), blocks(b.items[0]));
            case BlockKind::picture:
                return picture(picture_named(pictures_, b.info, lesson_));
        }
        return "";
    }

    std::string facts() const {
        if (lesson_.minutes == 0) return "";  // a page of its own, with nothing to be done
        return fmt::format("<p class=\"soft\">{} <a class=\"up\" href=\"#contents\">{}</a></p>\n",
                           fmt::format(fmt::runtime(words_.minutes), lesson_.minutes),
                           words_.to_contents);
    }

    static std::string scroll(const char* name, const std::string& inside) {
        return fmt::format(
            "<div class=\"scroll\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">{}"
            "</div>\n",
            html_escape(name), inside);
    }

    std::string code(const Block& b) const {
        int widest = 0;
        for (const auto& line : lines_of(b.text)) widest = std::max(widest, display_width(line));
        return fmt::format(
            "<pre class=\"{}\"{}><code>{}</code></pre>\n", b.info == "text demo" ? "demo" : b.info,
            widest > kPhoneColumns
                ? fmt::format(" tabindex=\"0\" role=\"group\" aria-label=\"{}\"", words_.code)
                : "",
            html_escape(b.text));
    }

    // Several formulas side by side may be on lines of their own where there is no room.
    std::string formula(const std::string& tex) const {
        std::string out;
        for (const auto& piece : pieces(read_formula(tex)))
            if (!piece.parts.empty()) out += mathml(piece, Place::display) + " ";
        return fmt::format(
            "<div class=\"formula\" role=\"group\" tabindex=\"0\" aria-label=\"{}\">"
            "{}</div>\n",
            words_.formula, out);
    }

    std::string list(const Block& b) const {
        std::string items;
        for (const auto& item : b.items) {
            // An item of a single paragraph is set without the space around paragraphs.
            const bool plain = item.size() == 1 && item[0].kind == BlockKind::paragraph;
            items += fmt::format("<li>{}</li>\n", plain ? spans(item[0].spans) : blocks(item));
        }
        return b.first == 0
                   ? "<ul>\n" + items + "</ul>\n"
                   : fmt::format("<ol{}>\n{}</ol>\n",
                                 b.first == 1 ? "" : fmt::format(" start=\"{}\"", b.first), items);
    }

    std::string table(const Block& b) const {
        int first = 0;
        for (const auto& row : b.rows)
            for (const auto& span : row[0])
                if (span.kind == SpanKind::code) first = std::max(first, display_width(span.text));
        std::string out = first > kPhoneCell ? "<table class=\"stack\">\n" : "<table>\n";
        for (std::size_t i = 0; i < b.rows.size(); ++i) {
            out += "<tr>";
            for (const auto& cell : b.rows[i])
                out += i == 0 ? "<th scope=\"col\">" + spans(cell) + "</th>"
                              : "<td>" + spans(cell) + "</td>";
            out += "</tr>\n";
        }
        return scroll(words_.table, out + "</table>");
    }

    std::string picture(const DemoPicture& p) const {
        std::string caption = fmt::format("<strong>{}</strong>", html_escape(p.caption.title));
        if (!p.caption.look_for.empty())
            caption += fmt::format("<br>{} {}", words_.look_for, html_escape(p.caption.look_for));
        if (!p.caption.wrong.empty())
            caption += fmt::format("<br>{} {}", words_.wrong, html_escape(p.caption.wrong));
        return "<figure>" + picture_html(p.svg, p.caption.title) +
               fmt::format("<figcaption>{}</figcaption></figure>\n", caption);
    }

    std::string spans(const Spans& list) const {
        std::string out;
        for (std::size_t i = 0; i < list.size(); ++i) {
            out += one(list[i]);
            // A line may end after a formula, but not before its comma.
            const bool more = i + 1 < list.size() && !list[i + 1].text.empty();
            if (list[i].kind == SpanKind::math && more &&
                std::string_view(",.;:?!)").find(list[i + 1].text[0]) != std::string_view::npos)
                out += "\u2060";
        }
        return out;
    }

    std::string one(const Span& span) const {
        switch (span.kind) {
            case SpanKind::text:
                return html_escape(span.text);
            case SpanKind::code:
                return "<code>" + html_escape(span.text) + "</code>";
            case SpanKind::math:
                return mathml(read_formula(span.text), Place::text);
            case SpanKind::strong:
                return "<strong>" + spans(span.inside) + "</strong>";
            case SpanKind::emphasis:
                return "<em>" + spans(span.inside) + "</em>";
            case SpanKind::link:
                // A file beside the lessons: the page may be anywhere, and says only where it is.
                if (!span.target.starts_with("https://"))
                    return "<code>" + spans(span.inside) + "</code>";
                return fmt::format("<a href=\"{}\">{}</a>", html_escape(span.target),
                                   spans(span.inside));
        }
        return "";
    }

    const Lesson& lesson_;
    const std::vector<DemoPicture>& pictures_;
    const BookWords& words_;
};

}  // namespace

std::string lesson_html(const Blocks& blocks, const Lesson& lesson,
                        const std::vector<DemoPicture>& pictures, const BookWords& words) {
    return fmt::format("<article aria-labelledby=\"lesson-{}\">\n{}</article>\n", lesson.number,
                       HtmlWriter(lesson, pictures, words).blocks(blocks));
}

}  // namespace gradus::lessons
