// SPDX-License-Identifier: MIT
#include "lessons/runner/markdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <charconv>

#include "lessons/runner/formula.h"
#include "lessons/runner/lesson.h"
#include "lessons/runner/text.h"

namespace gradus::lessons {
namespace {

constexpr const char* kInfos[] = {"text", "text demo", "cpp", "math"};
constexpr std::string_view kAnswer = "<details><summary>", kSummaryEnd = "</summary>",
                           kAnswerEnd = "</details>",
                           kPicture = "<!-- picture: ", kPictureEnd = " -->";

struct Line {
    int number;
    std::string text;
};
using Lines = std::vector<Line>;

bool is_blank(const Line& line) {
    return line.text.find_first_not_of(' ') == std::string::npos;
}

// How many characters the mark of a list's item takes: 2 for "- ", 3 for "1. ". 0: it is not an item.
std::size_t mark_of(const std::string& text) {
    if (text.starts_with("- ")) return 2;
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    return digits > 0 && digits < 10 && text.compare(digits, 2, ". ") == 0 ? digits + 2 : 0;
}

class MarkdownReader {
 public:
    explicit MarkdownReader(const std::string& file) : file_(file) {}

    Blocks blocks(const Lines& lines) const {
        Blocks out;
        std::size_t at = 0;
        while (at < lines.size()) {
            if (is_blank(lines[at])) {
                ++at;
                continue;
            }
            out.push_back(block(lines, at));
        }
        return out;
    }

 private:
    template <class... Args>
    [[noreturn]] void refuse(int line, fmt::format_string<Args...> format, Args&&... args) const {
        throw LessonError(file_, fmt::format("line {}: {}", line,
                                             fmt::format(format, std::forward<Args>(args)...)));
    }

    Block block(const Lines& lines, std::size_t& at) const {
        const std::string& text = lines[at].text;
        Block out;
        out.line = lines[at].number;
        if (text.starts_with("```")) {
            fenced(out, lines, at);
        } else if (text.starts_with("    ")) {
            indented(out, lines, at);
        } else if (text[0] == ' ' || text[0] == '\t') {
            refuse(out.line, "indented by neither 0 nor 4 blanks: {}", text);
        } else if (text[0] == '#') {
            heading(out, text);
            ++at;
        } else if (text[0] == '|') {
            table(out, lines, at);
        } else if (text[0] == '>') {
            quote(out, lines, at);
        } else if (text.starts_with(kAnswer)) {
            answer(out, lines, at);
        } else if (text.starts_with(kPicture) && text.ends_with(kPictureEnd)) {
            out.kind = BlockKind::picture;
            out.info =
                text.substr(kPicture.size(), text.size() - kPicture.size() - kPictureEnd.size());
            ++at;
        } else if (mark_of(text) > 0) {
            list(out, lines, at);
        } else {
            paragraph(out, lines, at);
        }
        return out;
    }

    void fenced(Block& out, const Lines& lines, std::size_t& at) const {
        const std::string& begin = lines[at].text;
        const std::string fence = begin.substr(0, begin.find_first_not_of('`'));
        out.info = begin.substr(fence.size());
        if (std::find(std::begin(kInfos), std::end(kInfos), out.info) == std::end(kInfos))
            refuse(out.line, "code is ```text, ```text demo, ```cpp or ```math, not {}", begin);
        out.kind = out.info == "math" ? BlockKind::math : BlockKind::code;
        for (++at; at < lines.size(); ++at) {
            if (lines[at].text == fence) {
                ++at;
                if (out.kind == BlockKind::math) check_formula(out.text, out.line);
                return;
            }
            out.text += lines[at].text + "\n";
        }
        refuse(out.line, "{} has no end", begin);
    }

    void check_formula(const std::string& tex, int line) const {
        try {
            read_formula(tex);
        } catch (const std::invalid_argument& e) {
            refuse(line, "{}", e.what());
        }
    }

    void indented(Block& out, const Lines& lines, std::size_t& at) const {
        out.kind = BlockKind::code;
        out.info = "sh";
        for (; at < lines.size() && lines[at].text.starts_with("    "); ++at)
            out.text += lines[at].text.substr(4) + "\n";
    }

    void heading(Block& out, const std::string& text) const {
        const std::size_t level = std::min(text.find_first_not_of('#'), text.size());
        if (level > 2 || level == text.size() || text[level] != ' ')
            refuse(out.line, "a heading begins with \"# \" or \"## \": {}", text);
        out.kind = BlockKind::heading;
        out.level = static_cast<int>(level);
        out.spans = spans(trimmed(text.substr(level)), out.line);
    }

    void table(Block& out, const Lines& lines, std::size_t& at) const {
        out.kind = BlockKind::table;
        for (std::size_t row = 0; at < lines.size() && lines[at].text.starts_with("|");
             ++at, ++row) {
            const auto& [number, text] = lines[at];
            if (row == 1) {
                if (text.find_first_not_of("|-") != std::string::npos)
                    refuse(number, "the second line of a table is |---|---|, not {}", text);
                continue;
            }
            if (text.size() < 2 || text.back() != '|')
                refuse(number, "a line of a table ends with |: {}", text);
            out.rows.emplace_back();
            for (std::size_t begin = 1, end = 0; begin < text.size(); begin = end + 1) {
                end = text.find('|', begin);
                out.rows.back().push_back(spans(trimmed(text.substr(begin, end - begin)), number));
            }
            if (out.rows.back().size() != out.rows[0].size())
                refuse(number, "a table of {} columns has {} in this line", out.rows[0].size(),
                       out.rows.back().size());
        }
        if (out.rows.size() < 2) refuse(out.line, "a table has a head, |---| and a line at least");
    }

    void quote(Block& out, const Lines& lines, std::size_t& at) const {
        out.kind = BlockKind::quote;
        Lines inside;
        for (; at < lines.size() && lines[at].text.starts_with(">"); ++at) {
            const std::string& text = lines[at].text;
            inside.push_back({lines[at].number, text.substr(text.starts_with("> ") ? 2 : 1)});
        }
        out.items.push_back(blocks(inside));
    }

    void answer(Block& out, const Lines& lines, std::size_t& at) const {
        const std::string& text = lines[at].text;
        const std::size_t end = text.find(kSummaryEnd);
        if (end == std::string::npos || end + kSummaryEnd.size() != text.size())
            refuse(out.line, "an answer begins with {}WORDS{}", kAnswer, kSummaryEnd);
        out.kind = BlockKind::answer;
        out.info = text.substr(kAnswer.size(), end - kAnswer.size());
        Lines inside;
        for (++at; at < lines.size() && lines[at].text != kAnswerEnd; ++at)
            inside.push_back(lines[at]);
        if (at == lines.size()) refuse(out.line, "{} has no {}", text, kAnswerEnd);
        // Without blank lines, GitHub shows what is between the tags as it is written.
        if (inside.size() < 3 || !is_blank(inside.front()) || !is_blank(inside.back()))
            refuse(out.line, "an answer stands between two blank lines");
        ++at;
        out.items.push_back(blocks(inside));
    }

    void list(Block& out, const Lines& lines, std::size_t& at) const {
        out.kind = BlockKind::list;
        const auto bulleted = [](const std::string& text) { return text[0] == '-'; };
        const bool bullets = bulleted(lines[at].text);
        if (!bullets)
            std::from_chars(lines[at].text.data(), lines[at].text.data() + lines[at].text.size(),
                            out.first);
        while (at < lines.size()) {
            const std::size_t mark = mark_of(lines[at].text);
            if (mark == 0 || bulleted(lines[at].text) != bullets) return;
            Lines item = {{lines[at].number, lines[at].text.substr(mark)}};
            for (++at; at < lines.size(); ++at) {
                const std::string& text = lines[at].text;
                if (!is_blank(lines[at]) && text.find_first_not_of(' ') < mark) break;
                item.push_back({lines[at].number, text.size() < mark ? "" : text.substr(mark)});
            }
            if (at < lines.size() && !is_blank(lines[at - 1]) && mark_of(lines[at].text) == 0)
                refuse(lines[at].number, "a line of a list's item is indented by {} blanks", mark);
            out.items.push_back(blocks(item));
        }
    }

    void paragraph(Block& out, const Lines& lines, std::size_t& at) const {
        std::string text;
        for (; at < lines.size() && !is_blank(lines[at]); ++at) {
            const auto& [number, line] = lines[at];
            const bool other = line.starts_with("```") || line.starts_with("<") || line[0] == '#' ||
                               line[0] == '|' || line[0] == '>' || line.starts_with("- ") ||
                               line.starts_with("1. ") || line.starts_with("---") ||
                               line.starts_with("===");
            if (other) refuse(number, "cannot stand in a paragraph: {}", line);
            if (line.ends_with("  ") || line.ends_with("\\"))
                refuse(number, "no line break is wanted in a paragraph: {}", line);
            text += (text.empty() ? "" : "\n") + trimmed(line);
        }
        out.spans = spans(text, out.line);
    }

    // --- inside a paragraph -----------------------------------------------------------------------

    Spans spans(const std::string& text, int line) const {
        Spans out;
        std::string plain;
        const auto flush = [&] {
            if (!plain.empty()) out.push_back({SpanKind::text, plain, "", {}});
            plain.clear();
        };
        const auto line_at = [&](std::size_t at) {
            return line + static_cast<int>(
                              std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
        };
        // What stands between `at` and the next `end`; `at` then is after it.
        const auto until = [&](std::size_t& at, std::string_view begin, std::string_view end) {
            const std::size_t from = at + begin.size(), to = text.find(end, from);
            if (to == std::string::npos || to == from)
                refuse(line_at(at), "{} has no {}: {}", begin, end, text.substr(at, 30));
            at = to + end.size();
            std::string between = text.substr(from, to - from);
            std::replace(between.begin(), between.end(), '\n', ' ');
            return between;
        };
        for (std::size_t at = 0; at < text.size();) {
            const std::string_view rest = std::string_view(text).substr(at);
            const char before = at == 0 ? ' ' : text[at - 1];
            const char next = rest.size() > 1 ? rest[1] : ' ';
            const auto letter = [](char c) {
                return std::isalpha(static_cast<unsigned char>(c)) != 0;
            };
            if (rest.starts_with("$`")) {
                flush();
                const int number = line_at(at);
                out.push_back({SpanKind::math, until(at, "$`", "`$"), "", {}});
                check_formula(out.back().text, number);
            } else if (rest[0] == '`') {
                flush();
                if (next == '`') refuse(line_at(at), "code stands between single `");
                out.push_back({SpanKind::code, until(at, "`", "`"), "", {}});
            } else if (rest.starts_with("**")) {
                flush();
                const int number = line_at(at);
                out.push_back({SpanKind::strong, "", "", spans(until(at, "**", "**"), number)});
            } else if (rest[0] == '*' && next != ' ' && next != '\n') {
                flush();
                const int number = line_at(at);
                out.push_back({SpanKind::emphasis, "", "", spans(until(at, "*", "*"), number)});
            } else if (rest[0] == '[' && link_at(text, at)) {
                flush();
                const int number = line_at(at);
                const std::string words = until(at, "[", "](");
                at -= 1;  // to the bracket
                const std::string target = until(at, "(", ")");
                out.push_back({SpanKind::link, "", target, spans(words, number)});
            } else if (rest.starts_with("![") ||
                       (rest[0] == '<' && (letter(next) || next == '/')) ||
                       (rest[0] == '&' && (letter(next) || next == '#') &&
                        rest.find(';') < rest.find(' ')) ||
                       rest[0] == '\\' || rest.starts_with("~~") ||
                       (rest[0] == '_' && (before == ' ' || before == '\n'))) {
                refuse(line_at(at), "not in the Markdown of the lessons: {}", rest.substr(0, 20));
            } else {
                plain += rest[0] == '\n' ? ' ' : rest[0];
                ++at;
            }
        }
        flush();
        return out;
    }

    // Whether the bracket at `at` begins a link, and is not one of the text's own: [2, 1].
    static bool link_at(const std::string& text, std::size_t at) {
        const std::size_t end = text.find(']', at);
        return end != std::string::npos && text.compare(end, 2, "](") == 0;
    }

    const std::string& file_;
};

}  // namespace

Blocks read_markdown(const std::string& text, const std::string& file, int first_line) {
    Lines lines;
    for (auto& line : lines_of(text)) lines.push_back({first_line++, std::move(line)});
    return MarkdownReader(file).blocks(lines);
}

Blocks lesson_blocks(const Lesson& lesson) {
    const std::string text = lesson_text(lesson);
    const std::string whole = lesson_file(lesson.path("README.md"));
    const auto before = whole.begin() + static_cast<long>(whole.size() - text.size());
    return read_markdown(text, lesson.path("README.md"),
                         1 + static_cast<int>(std::count(whole.begin(), before, '\n')));
}

std::string plain_text(const Spans& spans) {
    std::string out;
    for (const auto& span : spans) out += span.text + plain_text(span.inside);
    return out;
}

}  // namespace gradus::lessons
