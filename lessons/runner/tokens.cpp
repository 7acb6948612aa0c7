// SPDX-License-Identifier: MIT
// The phases of translation 2 and 3 ([lex.phases] in the C++ standard), without universal character
// names and without the special case of "<::".
#include "lessons/runner/tokens.h"

#include <algorithm>
#include <string_view>

namespace gradus::lessons {
namespace {

bool is_word(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// The longest come first: the longest that fits is taken.
constexpr std::string_view kOperators[] = {"<=>", "<<=", ">>=", "...", "->*", "::", "->", "++",
                                           "--",  "<<",  ">>",  "<=",  ">=",  "==", "!=", "&&",
                                           "||",  "+=",  "-=",  "*=",  "/=",  "%=", "&=", "|=",
                                           "^=",  ".*",  "##",  "<:",  ":>",  "<%", "%>"};

// A line that ends in a backslash goes on in the next.
std::string spliced(const std::string& text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r') continue;
        std::size_t next = i + 1;
        if (next < text.size() && text[next] == '\r') ++next;
        if (text[i] == '\\' && next < text.size() && text[next] == '\n')
            i = next;
        else
            out += text[i];
    }
    return out;
}

class Scanner {
 public:
    explicit Scanner(const std::string& text) : text_(text), code_(text.size(), ' ') {
        for (std::size_t i = 0; i < text.size(); ++i)
            if (text[i] == '\n') code_[i] = '\n';
    }

    std::vector<std::string> run() {
        while (at_ < text_.size()) step();
        end_line();
        return tokens_;
    }
    // Spaces, except for ends of lines and for tokens other than strings and characters.
    std::string code() {
        run();
        return code_;
    }

 private:
    bool here(std::string_view words) const { return text_.compare(at_, words.size(), words) == 0; }

    void step() {
        const char c = text_[at_];
        if (c == '\n') {
            end_line();
            ++at_;
        } else if (c == ' ' || c == '\t' || c == '\v' || c == '\f') {
            ++at_;
        } else if (here("//")) {
            at_ = std::min(text_.find('\n', at_), text_.size());
        } else if (here("/*")) {
            const std::size_t end = text_.find("*/", at_ + 2);
            at_ = end == std::string::npos ? text_.size() : end + 2;
        } else if (c == '"' || c == '\'') {
            take(quoted(at_));
        } else if (is_word(c) || (c == '.' && at_ + 1 < text_.size() && text_[at_ + 1] >= '0' &&
                                  text_[at_ + 1] <= '9')) {
            word();
        } else {
            directive_ = directive_ || (c == '#' && fresh_line_);
            for (const auto op : kOperators)
                if (here(op)) return take(at_ + op.size());
            take(at_ + 1);
        }
    }

    // A name or a number. A number may hold points, single quotes, and signs after an exponent.
    void word() {
        std::size_t end = at_;
        const bool number = text_[at_] <= '9';
        const auto belongs = [&](char c) {
            if (is_word(c)) return true;
            if (!number) return false;
            const bool sign = (c == '+' || c == '-') && end > at_;
            return c == '.' || c == '\'' ||
                   (sign &&
                    std::string_view("eEpP").find(text_[end - 1]) != std::string_view::npos);
        };
        while (end < text_.size() && belongs(text_[end])) ++end;
        if (!number && end < text_.size() && text_[end] == '"') {  // a prefix: R"( )", u8" "
            const bool raw = text_[end - 1] == 'R';
            return take(raw ? raw_string(end) : quoted(end));
        }
        take(end);
    }

    // The end of the literal whose quote is at `from`.
    std::size_t quoted(std::size_t from) const {
        for (std::size_t i = from + 1; i < text_.size() && text_[i] != '\n'; ++i) {
            if (text_[i] == '\\')
                ++i;
            else if (text_[i] == text_[from])
                return i + 1;
        }
        return std::min(text_.find('\n', from), text_.size());
    }

    std::size_t raw_string(std::size_t from) const {
        const std::size_t open = text_.find('(', from);
        if (open == std::string::npos) return text_.size();
        const std::string close = ")" + text_.substr(from + 1, open - from - 1) + "\"";
        const std::size_t end = text_.find(close, open);
        return end == std::string::npos ? text_.size() : end + close.size();
    }

    void take(std::size_t end) {
        end = std::min(end, text_.size());
        const std::string token = text_.substr(at_, end - at_);
        if (token.back() != '"' && token.back() != '\'') code_.replace(at_, token.size(), token);
        tokens_.push_back(token);
        at_ = end;
        fresh_line_ = false;
    }

    void end_line() {
        if (directive_) tokens_.push_back("\n");
        directive_ = false;
        fresh_line_ = true;
    }

    const std::string text_;
    std::string code_;
    std::size_t at_ = 0;
    bool directive_ = false, fresh_line_ = true;
    std::vector<std::string> tokens_;
};

}  // namespace

std::vector<std::string> tokens_of(const std::string& text) {
    return Scanner(spliced(text)).run();
}

std::string code_only(const std::string& text) {
    return Scanner(text).code();
}

}  // namespace gradus::lessons
