// SPDX-License-Identifier: MIT
#include "lessons/runner/lesson_lines.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "lessons/runner/formula.h"
#include "lessons/runner/text.h"
#include "nn/terminal/terminal.h"
#include "nn/text/display_width.h"
#include "nn/text/utf8.h"

namespace gradus::lessons {
namespace {

// Where a style begins and where all end. Control characters have no width, so that text is wrapped
// before they become SGR sequences (ECMA-48).
constexpr char kStrong = '\1', kCode = '\2', kEmphasis = '\3', kPlain = '\4';
const std::string kNoBreak = "\u00a0";
constexpr int kNarrowest = 20;  // of a column whose text is wrapped; also the least of wrapped()

std::string with_colours(const std::string& text) {
    std::string out;
    for (const char c : text)
        out += c == kStrong     ? "\x1b[1m"
               : c == kCode     ? "\x1b[36m"
               : c == kEmphasis ? "\x1b[3m"
               : c == kPlain    ? "\x1b[0m"
                                : std::string(1, c);
    return out;
}

std::string in_ascii(const std::string& text) {
    static const std::map<char32_t, const char*> table = {
        {U'·', "*"}, {U'²', "^2"}, {U'é', "e"}, {U'ü', "u"}, {U'●', "*"},  {U'○', "o"},
        {U'│', "|"}, {U'├', "+"},  {U'└', "+"}, {U'─', "-"}, {U'…', "..."}};
    std::string out;
    for (const char32_t c : utf8_decode(text)) {
        const auto found = table.find(c);
        if (c < 0x80)
            out += static_cast<char>(c);
        else if (c >= 0x2580 && c <= 0x259F)  // blocks of ink
            out += '#';
        else
            out += found == table.end() ? "?" : found->second;
    }
    return out;
}

std::string spaces(int n) {
    return std::string(static_cast<std::size_t>(std::max(n, 0)), ' ');
}

class StepWriter {
 public:
    StepWriter(const Lesson& lesson, const std::vector<DemoPicture>& pictures,
               const TerminalStyle& style, const BookWords& words)
        : lesson_(lesson), pictures_(pictures), style_(style), words_(words) {}

    std::vector<Step> steps(const Blocks& list) {
        steps_.assign(1, {});
        blocks(list, 0);
        for (auto& step : steps_) {
            for (std::size_t at; (at = step.text.find(kNoBreak)) != std::string::npos;)
                step.text.replace(at, kNoBreak.size(), " ");
            if (style_.colour) step.text = with_colours(step.text);
            if (!style_.unicode) step.text = in_ascii(step.text);
        }
        return std::move(steps_);
    }

 private:
    // Lines, each indented.
    void put(const std::string& text, int indent) {
        if (text.empty()) return gap();
        for (const auto& line : lines_of(text))
            steps_.back().text += (line.empty() ? "" : spaces(indent)) + line + "\n";
    }
    void wrap(const std::string& text, int indent, int hang = 0) {
        put(wrapped(text, hang, style_.columns - indent), indent);
    }
    void gap() { steps_.back().text += "\n"; }

    void blocks(const Blocks& list, int indent) {
        for (const auto& one : list) block(one, indent);
    }

    void block(const Block& b, int indent) {
        switch (b.kind) {
            case BlockKind::heading:
                return heading(b);
            case BlockKind::paragraph:
                wrap(spans(b.spans), indent);
                return gap();
            case BlockKind::code:
                code(b.text, indent);
                return gap();
            case BlockKind::math:
                formula(b.text, indent);
                return gap();
            case BlockKind::quote:
                return blocks(b.items[0], indent + 4);
            case BlockKind::list:
                return list(b, indent);
            case BlockKind::table:
                table(b, indent);
                return gap();
            case BlockKind::answer:
                steps_.push_back({Pause::answer, ""});
                wrap(strong(b.info + ":"), indent);
                blocks(b.items[0], indent);
                steps_.push_back({});
                return;
            case BlockKind::picture:
                return picture(picture_named(pictures_, b.info, lesson_));
        }
    }

    std::string strong(const std::string& text) const {
        return style_.colour ? kStrong + text + kPlain : text;
    }

    void heading(const Block& b) {
        if (b.level > 1) steps_.push_back({Pause::section, ""});
        const std::string text = spans(b.spans);
        wrap(strong(text), 0);
        // Where nothing can be bold, a rule makes it a heading.
        const int width = std::min(display_width(text), style_.columns);
        std::string rule;
        for (int i = 0; i < width; ++i) rule += style_.unicode ? "─" : "-";
        if (b.level == 1 || !style_.colour) put(rule, 0);
        gap();
    }

    // Code and drawings made of characters: a line that does not fit is cut, not wrapped at a blank.
    void code(const std::string& text, int indent) {
        int widest = 0;
        for (const auto& line : lines_of(text)) widest = std::max(widest, display_width(line));
        const int margin = std::clamp(style_.columns - widest, 0, indent + 4);
        for (const auto& line : lines_of(text)) {
            std::string_view rest = line;
            do {
                const std::string_view cut = fit_width(rest, style_.columns - margin);
                put(std::string(cut), margin);
                rest.remove_prefix(cut.size());
            } while (!rest.empty());
        }
    }

    void formula(const std::string& tex, int indent) {
        const Letters letters = style_.unicode ? Letters::unicode : Letters::ascii;
        const Formula whole = read_formula(tex);
        const std::string line = one_line(whole, letters);
        const bool fits = display_width(line) + indent + 4 <= style_.columns;
        for (const auto& piece : fits ? std::vector{whole} : pieces(whole))
            for (const auto& part : lines_of(one_line(piece, letters))) wrap(part, indent + 4, 4);
    }

    void list(const Block& b, int indent) {
        int number = b.first;
        for (const auto& item : b.items) {
            const std::string mark = b.first == 0 ? "- " : fmt::format("{}. ", number++);
            const int hang = static_cast<int>(mark.size());
            for (std::size_t i = 0; i < item.size(); ++i) {
                if (i == 0 && item[i].kind == BlockKind::paragraph) {
                    wrap(mark + spans(item[i].spans), indent, hang);
                    if (item.size() > 1) gap();
                } else {
                    block(item[i], indent + hang);
                }
            }
        }
        gap();
    }

    // --- tables -----------------------------------------------------------------------------------

    void table(const Block& b, int indent) {
        std::vector<std::vector<std::string>> rows;
        for (const auto& row : b.rows) {
            rows.emplace_back();
            for (const auto& cell : row) rows.back().push_back(spans(cell));
        }
        std::vector<int> widths(rows[0].size(), 0);
        for (const auto& row : rows)
            for (std::size_t c = 0; c < row.size(); ++c)
                widths[c] = std::max(widths[c], display_width(row[c]));
        int left = style_.columns - indent - 2 * (static_cast<int>(widths.size()) - 1);
        for (const int width : widths) left -= width;
        // The widest column gives way, as long as it stays wide enough for text.
        const auto widest = std::max_element(widths.begin(), widths.end());
        if (left < 0) *widest += left;
        if (left < 0 && *widest < kNarrowest) return stacked(rows, indent);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            aligned(rows[r], widths, indent, r == 0);
            if (r == 0) {
                std::string rule;
                for (const int width : widths)
                    rule += (rule.empty() ? "" : "  ") +
                            std::string(static_cast<std::size_t>(width), '-');
                put(rule, indent);
            }
        }
    }

    void aligned(const std::vector<std::string>& row, const std::vector<int>& widths, int indent,
                 bool head) {
        std::vector<std::vector<std::string>> cells;
        std::size_t height = 1;
        for (std::size_t c = 0; c < row.size(); ++c) {
            const std::string text = head ? strong(row[c]) : row[c];
            // wrapped() wraps to 20 columns at least, and a narrower column is as wide as its text.
            cells.push_back(lines_of(wrapped(text, 0, std::max(kNarrowest, widths[c]))));
            height = std::max(height, cells.back().size());
        }
        for (std::size_t i = 0; i < height; ++i) {
            std::string line;
            for (std::size_t c = 0; c < cells.size(); ++c) {
                const std::string cell = i < cells[c].size() ? cells[c][i] : "";
                line += cell;
                if (c + 1 < cells.size()) line += spaces(widths[c] - display_width(cell) + 2);
            }
            put(line.substr(0, line.find_last_not_of(' ') + 1), indent);
        }
    }

    // Each cell on a line of its own, after the name of its column.
    void stacked(const std::vector<std::vector<std::string>>& rows, int indent) {
        for (std::size_t r = 1; r < rows.size(); ++r) {
            for (std::size_t c = 0; c < rows[r].size(); ++c)
                wrap((c == 0 ? "" : "  ") + strong(rows[0][c] + ":") + " " + rows[r][c], indent, 4);
            if (r + 1 < rows.size()) gap();
        }
    }

    // --- pictures and words -----------------------------------------------------------------------

    void picture(const DemoPicture& p) {
        wrap(strong(p.caption.title), 0);
        put(p.text, 0);
        gap();
        if (!p.caption.look_for.empty())
            wrap(fmt::format("{} {}", words_.look_for, p.caption.look_for), 0);
        if (!p.caption.wrong.empty()) wrap(fmt::format("{} {}", words_.wrong, p.caption.wrong), 0);
        gap();
    }

    // A short formula is not broken at its blanks, which steps() turns back.
    static std::string whole(const std::string& formula) {
        if (display_width(formula) > 16) return formula;
        std::string out;
        for (const char c : formula) out += c == ' ' ? kNoBreak : std::string(1, c);
        return out;
    }

    // `around`: the marks of the styles that hold around these spans.
    std::string spans(const Spans& list, const std::string& around = "") const {
        std::string out;
        const auto marked = [&](char mark, const std::string& text) {
            return style_.colour ? mark + text + kPlain + around : text;
        };
        for (const auto& span : list) {
            switch (span.kind) {
                case SpanKind::text:
                    out += span.text;
                    break;
                case SpanKind::code:
                    out += style_.colour ? marked(kCode, span.text) : "`" + span.text + "`";
                    break;
                case SpanKind::math:
                    out += whole(one_line(read_formula(span.text),
                                          style_.unicode ? Letters::unicode : Letters::ascii));
                    break;
                case SpanKind::strong:
                    out += marked(kStrong, spans(span.inside, around + kStrong));
                    break;
                case SpanKind::emphasis:
                    out += marked(kEmphasis, spans(span.inside, around + kEmphasis));
                    break;
                case SpanKind::link:
                    out += spans(span.inside, around);
                    if (span.target.starts_with("https://"))
                        out += fmt::format(" ({})", span.target);
                    break;
            }
        }
        return out;
    }

    const Lesson& lesson_;
    const std::vector<DemoPicture>& pictures_;
    const TerminalStyle style_;
    const BookWords& words_;
    std::vector<Step> steps_;
};

}  // namespace

std::vector<Step> lesson_steps(const Blocks& blocks, const Lesson& lesson,
                               const std::vector<DemoPicture>& pictures, const TerminalStyle& style,
                               const BookWords& words) {
    return StepWriter(lesson, pictures, style, words).steps(blocks);
}

}  // namespace gradus::lessons
