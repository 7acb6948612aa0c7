// SPDX-License-Identifier: MIT
// The reader, and MathML (MathML Core, which browsers draw without a script).
#include "lessons/runner/formula.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <stdexcept>

#include "nn/plot/page.h"

namespace gradus::lessons {
namespace {

struct Command {
    Part kind;
    const char* text;
};

const std::map<std::string_view, Command>& commands() {
    static const std::map<std::string_view, Command> list = {
        {"beta", {Part::name, "β"}},      {"eta", {Part::name, "η"}},
        {"lambda", {Part::name, "λ"}},    {"mu", {Part::name, "μ"}},
        {"pi", {Part::name, "π"}},        {"varepsilon", {Part::name, "ε"}},
        {"partial", {Part::mark, "∂"}},   {"ln", {Part::word, "ln"}},
        {"tanh", {Part::word, "tanh"}},   {"max", {Part::word, "max"}},
        {"sum", {Part::sign, "∑"}},       {"cdot", {Part::sign, "·"}},
        {"cdots", {Part::sign, "⋯"}},     {"dots", {Part::sign, "…"}},
        {"leftarrow", {Part::sign, "←"}}, {"ne", {Part::sign, "≠"}},
        {"bmod", {Part::sign, "mod"}},    {"lfloor", {Part::mark, "⌊"}},
        {"rfloor", {Part::mark, "⌋"}},    {",", {Part::gap, "0.17"}},
        {"quad", {Part::gap, "1"}},       {"qquad", {Part::gap, "2"}},
    };
    return list;
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

class FormulaReader {
 public:
    explicit FormulaReader(std::string_view tex) : tex_(tex) {}

    Formula whole() {
        Formula row = this->row();
        if (!rest().empty()) fail(fmt::format("what begins {}", rest().substr(0, 1)));
        return row;
    }

 private:
    std::string_view rest() const { return tex_.substr(at_); }

    [[noreturn]] void fail(const std::string& what) const {
        throw std::invalid_argument(fmt::format("formula: cannot read {} in: {}", what, tex_));
    }

    bool skip_blanks() {
        const std::size_t begin = at_;
        while (at_ < tex_.size() && (tex_[at_] == ' ' || tex_[at_] == '\n')) ++at_;
        return at_ > begin;
    }

    void expect(std::string_view word) {
        if (!rest().starts_with(word)) fail(fmt::format("a formula without its {}", word));
        at_ += word.size();
    }

    // Up to a closing brace, a cell's end or the end of the formula.
    Formula row() {
        Formula out;
        for (;;) {
            const bool spaced = skip_blanks();
            const std::string_view left = rest();
            if (left.empty() || left[0] == '}' || left[0] == '&' || left.starts_with("\\\\") ||
                left.starts_with("\\end"))
                return out;
            Formula next = atom();
            next.spaced = spaced;
            add(out.parts, std::move(next));
        }
    }

    static void add(std::vector<Formula>& parts, Formula next) {
        // "\mathrel{+}=" is one sign, and a minus after a sign or at the start belongs to what
        // follows.
        const bool after_sign =
            parts.empty() || parts.back().kind == Part::sign || parts.back().text == "(";
        if (next.text == "=" && !parts.empty() && parts.back().text == "+")
            parts.back().text = "+=";
        else if (next.text == "−" && after_sign)
            next.kind = Part::mark, parts.push_back(std::move(next));
        else
            parts.push_back(std::move(next));
    }

    Formula group() {
        skip_blanks();
        if (!rest().starts_with("{")) return base();
        ++at_;
        Formula inside = row();
        expect("}");
        if (inside.parts.size() == 1) {
            inside.parts[0].spaced = false;
            return inside.parts[0];
        }
        return inside;
    }

    Formula atom() {
        Formula out = base();
        for (;;) {
            const std::size_t before = at_;
            skip_blanks();
            const char c = at_ < tex_.size() ? tex_[at_] : ' ';
            if (c != '_' && c != '^') {
                at_ = before;
                return out;
            }
            ++at_;
            if (out.kind != Part::scripts)
                out = {Part::scripts, "", {std::move(out), Formula{}, Formula{}}};
            Formula& script = out.parts[c == '_' ? 1 : 2];
            if (!script.parts.empty() || !script.text.empty())
                fail(fmt::format("two {} of one symbol", c));
            script = group();
        }
    }

    Formula base() {
        const char c = at_ < tex_.size() ? tex_[at_] : ' ';
        if (c == '\\') return command();
        if (c == '{') return group();
        if (is_digit(c) || c == '.') {
            const std::size_t end = tex_.find_first_not_of("0123456789.", at_);
            const std::string_view number = rest().substr(0, end - at_);
            at_ += number.size();
            return {Part::number, std::string(number)};
        }
        ++at_;
        if (is_letter(c)) return {Part::name, std::string(1, c)};
        switch (c) {
            case '=':
            case '+':
            case '<':
                return {Part::sign, std::string(1, c)};
            case '-':
                return {Part::sign, "−"};
            case '\'':
                return {Part::mark, "′"};
            case '(':
            case ')':
            case '|':
            case '/':
            case ',':
                return {Part::mark, std::string(1, c)};
            default:
                --at_;
                fail(fmt::format("\"{}\"", rest().substr(0, 1)));
        }
    }

    Formula command() {
        std::size_t end = at_ + 1;
        while (end < tex_.size() && is_letter(tex_[end])) ++end;
        if (end == at_ + 1) ++end;
        const std::string_view name = tex_.substr(at_ + 1, end - at_ - 1);
        at_ = std::min(end, tex_.size());
        if (name == "frac") {
            Formula above = group();
            return {Part::fraction, "", {std::move(above), group()}};
        }
        if (name == "sqrt") return {Part::root, "", {group()}};
        if (name == "hat") return {Part::hat, "", {group()}};
        if (name == "text" || name == "mathrm") return {Part::word, words()};
        if (name == "mathrel") return {Part::sign, words()};
        if (name == "Bigl" || name == "Bigr" || name == "left" || name == "right") {
            skip_blanks();
            Formula bracket = base();
            if (bracket.kind != Part::mark) fail(fmt::format("\\{} before no bracket", name));
            bracket.large = true;
            return bracket;
        }
        if (name == "begin") return cases();
        const auto found = commands().find(name);
        if (found == commands().end()) fail(fmt::format("\\{}", name));
        return {found->second.kind, found->second.text};
    }

    // {...} as it is written.
    std::string words() {
        expect("{");
        const std::size_t end = rest().find('}');
        if (end == std::string_view::npos) fail("{ without }");
        const std::string text(rest().substr(0, end));
        if (text.find_first_of("\\{$^_") != std::string::npos) fail("mark-up inside \\text");
        at_ += end + 1;
        return text;
    }

    Formula cases() {
        expect("{cases}");
        Formula out{Part::cases, ""};
        for (;;) {
            out.parts.push_back(row());
            expect("&");
            out.parts.push_back(row());
            if (!rest().starts_with("\\\\")) break;
            at_ += 2;
        }
        expect("\\end{cases}");
        return out;
    }

    std::string_view tex_;
    std::size_t at_ = 0;
};

bool is_empty(const Formula& formula) {
    return formula.kind == Part::row && formula.parts.empty();
}

std::string element(const char* name, const std::string& inside) {
    return fmt::format("<{}>{}</{}>", name, inside, name);
}

// Grows with what it encloses, if the browser has a font for mathematics; else it is large.
std::string stretching(const std::string& bracket) {
    return fmt::format("<mo stretchy=\"true\" style=\"font-size:1.6em\">{}</mo>", bracket);
}

std::string written(const Formula& f);

// As one element, whatever it consists of.
std::string one(const Formula& f) {
    return f.kind == Part::row && f.parts.size() != 1 ? element("mrow", written(f)) : written(f);
}

std::string scripts(const Formula& f) {
    const bool below = !is_empty(f.parts[1]), above = !is_empty(f.parts[2]);
    const std::string& base = f.parts[0].text;
    // Under and over the symbol where there is room for it, else beside it (movablelimits).
    const bool limits = base == "∑" || base == "max";
    const std::string inside =
        one(f.parts[0]) + (below ? one(f.parts[1]) : "") + (above ? one(f.parts[2]) : "");
    if (below && above) return element(limits ? "munderover" : "msubsup", inside);
    if (below) return element(limits ? "munder" : "msub", inside);
    return element(limits ? "mover" : "msup", inside);
}

std::string written(const Formula& f) {
    std::string out;
    switch (f.kind) {
        case Part::row:
            for (const auto& part : f.parts) out += written(part);
            return out;
        case Part::name:
            return element("mi", f.text);
        case Part::number:
            return element("mn", f.text);
        case Part::word:
            if (f.text == "max") return "<mo movablelimits=\"true\" lspace=\"0\">max</mo>";
            // A single letter would be set in italics; blanks at the ends would be dropped.
            if (f.text.find(' ') == std::string::npos && f.text.size() > 1)
                return element("mi", html_escape(f.text)) +
                       (f.text == "ln" || f.text == "tanh" ? "<mspace width=\"0.17em\"/>" : "");
            for (const char c : f.text) out += c == ' ' ? "\u00a0" : std::string(1, c);
            return element("mtext", html_escape(out));
        case Part::sign:
            return f.text == "mod" ? "<mo lspace=\"0.22em\" rspace=\"0.22em\">mod</mo>"
                                   : element("mo", html_escape(f.text));
        case Part::mark:
            if (f.text == "∂" || f.text == "′") return element("mi", f.text);
            if (f.text == "−") return "<mo form=\"prefix\">−</mo>";
            if (f.large) return stretching(f.text);
            return fmt::format("<mo stretchy=\"false\"{}>{}</mo>",
                               f.text == "/" ? " lspace=\"0\" rspace=\"0\"" : "", f.text);
        case Part::gap:
            return fmt::format("<mspace width=\"{}em\"/>", f.text);
        case Part::fraction:
            return element("mfrac", one(f.parts[0]) + one(f.parts[1]));
        case Part::root:
            return element("msqrt", written(f.parts[0]));
        case Part::hat:
            return "<mover accent=\"true\">" + one(f.parts[0]) +
                   "<mo stretchy=\"false\">^</mo></mover>";
        case Part::scripts:
            return scripts(f);
        case Part::cases:
            for (std::size_t i = 0; i < f.parts.size(); i += 2)
                out += element("mtr", element("mtd", written(f.parts[i])) +
                                          element("mtd", written(f.parts[i + 1])));
            return stretching("{") + element("mtable", out);
    }
    return out;
}

}  // namespace

Formula read_formula(std::string_view tex) {
    return FormulaReader(tex).whole();
}

std::vector<Formula> pieces(const Formula& formula) {
    std::vector<Formula> out(1);
    for (const auto& part : formula.parts) {
        if (part.kind == Part::gap && part.text != "0.17")
            out.emplace_back();
        else
            out.back().parts.push_back(part);
    }
    return out;
}

std::string mathml(const Formula& formula, Place place) {
    return fmt::format("<math{} alttext=\"{}\">{}</math>",
                       place == Place::display ? " displaystyle=\"true\"" : "",
                       html_escape(one_line(formula, Letters::unicode)), one(formula));
}

}  // namespace gradus::lessons
