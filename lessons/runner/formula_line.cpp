// SPDX-License-Identifier: MIT
// A formula in one line of text. Subscripts and superscripts are Unicode's where it has all of the
// characters for the whole formula ("xᵢ²"), else "x_(a, b)"; a fraction is a quotient, in brackets where needed.
#include <fmt/core.h>

#include <map>

#include "lessons/runner/formula.h"
#include "nn/text/utf8.h"

namespace gradus::lessons {
namespace {

using Table = std::map<char32_t, const char*>;

const Table& subscripts() {
    static const Table table = {{U'0', "₀"}, {U'1', "₁"}, {U'2', "₂"}, {U'3', "₃"}, {U'4', "₄"},
                                {U'5', "₅"}, {U'6', "₆"}, {U'7', "₇"}, {U'8', "₈"}, {U'9', "₉"},
                                {U'+', "₊"}, {U'−', "₋"}, {U'a', "ₐ"}, {U'e', "ₑ"}, {U'h', "ₕ"},
                                {U'i', "ᵢ"}, {U'j', "ⱼ"}, {U'k', "ₖ"}, {U'l', "ₗ"}, {U'm', "ₘ"},
                                {U'n', "ₙ"}, {U'o', "ₒ"}, {U'p', "ₚ"}, {U'r', "ᵣ"}, {U's', "ₛ"},
                                {U't', "ₜ"}, {U'u', "ᵤ"}, {U'v', "ᵥ"}, {U'x', "ₓ"}};
    return table;
}

const Table& superscripts() {
    static const Table table = {{U'0', "⁰"}, {U'1', "¹"}, {U'2', "²"}, {U'3', "³"}, {U'4', "⁴"},
                                {U'5', "⁵"}, {U'6', "⁶"}, {U'7', "⁷"}, {U'8', "⁸"}, {U'9', "⁹"},
                                {U'T', "ᵀ"}, {U't', "ᵗ"}, {U'x', "ˣ"}, {U'n', "ⁿ"}, {U'i', "ⁱ"}};
    return table;
}

const std::map<std::string, const char*>& ascii_names() {
    static const std::map<std::string, const char*> table = {
        {"β", "beta"}, {"η", "eta"},    {"λ", "lambda"}, {"μ", "mu"},  {"π", "pi"},  {"ε", "eps"},
        {"∂", "d"},    {"∑", "sum"},    {"·", "*"},      {"⋯", "..."}, {"…", "..."}, {"←", "<-"},
        {"≠", "!="},   {"⌊", "floor("}, {"⌋", ")"},      {"′", "'"},   {"−", "-"}};
    return table;
}

class LineWriter {
 public:
    // small: whether there are small letters for every subscript of the formula.
    LineWriter(Letters letters, bool small) : letters_(letters), small_(small) {}

    // Whether a subscript had to be written with "_".
    bool missed() const { return missed_; }

    std::string line(const Formula& f) const {
        std::string out;
        switch (f.kind) {
            case Part::row:
                for (std::size_t i = 0; i < f.parts.size(); ++i) append(out, f.parts, i);
                return out;
            case Part::name:
            case Part::word:
            case Part::number:
            case Part::sign:
            case Part::mark:
                return symbol(f.text);
            case Part::gap:
                return f.text == "0.17" ? " " : "   ";
            case Part::fraction:
                return factor(f.parts[0]) + "/" + factor(f.parts[1]);
            case Part::root:
                return letters_ == Letters::unicode ? "√" + factor(f.parts[0])
                                                    : "sqrt(" + line(f.parts[0]) + ")";
            case Part::hat:
                return line(f.parts[0]) + (letters_ == Letters::unicode ? "\u0302" : "_hat");
            case Part::scripts:
                return line(f.parts[0]) + script(f, 1) + script(f, 2);
            case Part::cases:
                return "{ ";
        }
        return out;
    }

 private:
    std::string symbol(const std::string& text) const {
        const auto found = ascii_names().find(text);
        // As the texts and the demos of the lessons write them.
        if (text == "−") return "-";
        if (text == "′") return "'";
        if (text == "∑" && letters_ == Letters::unicode) return "Σ";
        return letters_ == Letters::unicode || found == ascii_names().end() ? text : found->second;
    }

    // Part i of a row, with the blanks that belong before it.
    void append(std::string& out, const std::vector<Formula>& parts, std::size_t i) const {
        const Formula& f = parts[i];
        const Formula* before = i > 0 ? &parts[i - 1] : nullptr;
        std::string text = line(f);
        if (f.kind == Part::cases) {
            // Each case on its own line, below the first.
            if (!out.empty()) out += ' ';
            const std::string margin(columns(out), ' ');
            for (std::size_t c = 0; c < f.parts.size(); c += 2)
                out += fmt::format("{}{{ {}: {}", c == 0 ? "" : "\n" + margin, line(f.parts[c]),
                                   line(f.parts[c + 1]));
            return;
        }
        const bool more = i + 1 < parts.size();
        const bool multiplied =
            more &&
            (is_operand(parts[i + 1]) || parts[i + 1].text == "(" ||
             (parts[i + 1].kind == Part::gap && i + 2 < parts.size() && is_narrow(parts[i + 1])));
        const bool after_operand =
            before && (is_operand(*before) || is_narrow(*before) || before->text == "−");
        if (f.kind == Part::fraction && (multiplied || (after_operand && i > 0)))
            text = "(" + text + ")";
        const bool sign = f.kind == Part::sign;
        const bool blank_before =
            before && (sign || before->kind == Part::sign || is_sum(*before) || is_sum(f) ||
                       before->text == "," || (is_function(*before) && f.text != "(") ||
                       (f.spaced && is_operand(*before) &&
                        (is_operand(f) || (f.text == "(" && !is_function(*before)))) ||
                       (f.spaced && before->text == ")" && is_operand(f)));
        if (blank_before && !out.empty() && out.back() != ' ' && text[0] != ' ' && text != "," &&
            !out.ends_with("|"))
            out += ' ';
        // The narrow gap of "|\,x\,|".
        if (is_narrow(f) &&
            (out.ends_with("|") || out.ends_with("(") || (more && parts[i + 1].text == "|") ||
             (more && parts[i + 1].kind == Part::sign)))
            return;
        if (text[0] == ' ' && out.ends_with(" ")) text.erase(0, 1);
        out += text;
    }

    // As one operand of a quotient, a root or a power.
    std::string factor(const Formula& f) const {
        const std::string text = line(f);
        const bool plain = f.kind != Part::row && f.kind != Part::fraction;
        bool simple = plain;
        if (f.kind == Part::row) {  // "∂L", "dy": letters that belong together
            simple = true;
            for (const auto& part : f.parts)
                simple = simple && !part.spaced &&
                         (part.kind == Part::name || part.text == "∂" ||
                          (part.kind == Part::scripts && part.parts[0].kind == Part::name));
            simple = simple || (!f.parts.empty() && f.parts[0].text == "∂" && f.parts.size() == 2);
        }
        return simple && !(f.kind == Part::word && text.find(' ') != std::string::npos)
                   ? text
                   : "(" + text + ")";
    }

    // The sub- (1) or superscript (2).
    std::string script(const Formula& f, int which) const {
        const Formula& s = f.parts[static_cast<std::size_t>(which)];
        if (s.kind == Part::row && s.parts.empty()) return "";
        const std::string text = compact(s);
        if (which == 1 && is_sum(f)) {
            const Formula& above = f.parts[2];
            const bool range = !(above.kind == Part::row && above.parts.empty());
            std::string limits = text;
            if (range) limits += ".." + compact(above);
            const std::string raised = range ? "" : converted(s, subscripts());
            return !raised.empty() ? raised : "[" + limits + "]";
        }
        if (which == 2 && is_sum(f)) return "";
        const std::string small = converted(s, which == 1 ? subscripts() : superscripts());
        if (!small.empty() && (small_ || which == 2)) return small;
        if (which == 1) missed_ = true;
        const char* sign = which == 1 ? "_" : "^";
        const bool simple = s.kind != Part::row && s.kind != Part::fraction;
        bool letters = true;
        if (s.kind == Part::row)
            for (const auto& part : s.parts)
                letters = letters && (part.kind == Part::name || part.kind == Part::number);
        return sign + (simple || letters ? text : "(" + line(s) + ")");
    }

    // The characters of a script in the table's; "" if one is missing there.
    std::string converted(const Formula& s, const Table& table) const {
        if (letters_ == Letters::ascii) return "";
        std::string source;
        if (s.kind == Part::row) {
            for (const auto& part : s.parts) {
                if (part.kind == Part::scripts || part.kind == Part::fraction) return "";
                source += part.text;
            }
        } else {
            source = s.text;
        }
        std::string out;
        for (const char32_t c : utf8_decode(source)) {
            const auto found = table.find(c);
            if (found == table.end()) return "";
            out += found->second;
        }
        return out;
    }

    // Without the blanks around signs.
    std::string compact(const Formula& s) const {
        if (s.kind != Part::row) return line(s);
        std::string out;
        for (std::size_t i = 0; i < s.parts.size(); ++i) {
            if (s.parts[i].kind == Part::sign)
                out += line(s.parts[i]);
            else if (i > 0 && s.parts[i - 1].text == ",")
                out += " " + line(s.parts[i]);
            else
                out += line(s.parts[i]);
        }
        return out;
    }

    static std::size_t columns(const std::string& text) {
        std::size_t n = 0;
        for (const char c : text) n += (c & 0xC0) != 0x80;
        return n;
    }

    static bool is_sum(const Formula& f) {
        return f.text == "∑" || (f.kind == Part::scripts && f.parts[0].text == "∑");
    }
    static bool is_function(const Formula& f) {
        const std::string& name = f.kind == Part::scripts ? f.parts[0].text : f.text;
        return name == "ln" || name == "tanh" || name == "max";
    }
    static bool is_narrow(const Formula& f) { return f.kind == Part::gap && f.text == "0.17"; }
    static bool is_operand(const Formula& f) {
        return f.kind != Part::sign && f.kind != Part::mark && f.kind != Part::gap;
    }

    Letters letters_;
    bool small_;
    mutable bool missed_ = false;
};

}  // namespace

std::string one_line(const Formula& formula, Letters letters) {
    const LineWriter small(letters, true);
    const std::string text = small.line(formula);
    return small.missed() ? LineWriter(letters, false).line(formula) : text;
}

}  // namespace gradus::lessons
