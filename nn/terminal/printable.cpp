// SPDX-License-Identifier: MIT
#include "nn/terminal/printable.h"

#include <fmt/core.h>
#include <unistd.h>

#include <new>

#include "nn/text/utf8.h"

namespace gradus {
namespace {

bool is_control(char32_t c) {
    if (c == '\n' || c == '\t') return false;
    const bool turns = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || turns;
}

bool is_terminal(std::FILE* stream) {
    return ::isatty(::fileno(stream)) == 1;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const Utf8Step step = utf8_step(text.substr(i));
        const std::string_view bytes = text.substr(i, static_cast<std::size_t>(step.bytes));
        if (!step.valid)
            for (const char c : bytes)
                out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else if (is_control(step.code_point))
            out += fmt::format("\\u{:04x}", static_cast<std::uint32_t>(step.code_point));
        else
            out += bytes;
        i += bytes.size();
    }
    return out;
}

std::string for_output(std::string_view text) {
    return is_terminal(stdout) ? printable(text) : std::string(text);
}

void print_text(std::FILE* stream, std::string_view text) {
    if (is_terminal(stream))
        fmt::print(stream, "{}", printable(text));
    else
        fmt::print(stream, "{}", text);
}

void print_error(std::string_view what) noexcept {
    constexpr std::size_t kMost = 480, kBegin = 280, kEnd = 190;
    try {
        std::string text(what.substr(0, kMost));
        if (what.size() > kMost) {
            std::size_t begin = kBegin, end = what.size() - kEnd;
            while (begin > 0 && utf8_continues(what[begin])) --begin;
            while (end < what.size() && utf8_continues(what[end])) ++end;
            text = std::string(what.substr(0, begin)) + " ... " + std::string(what.substr(end));
        }
        if (is_terminal(stderr)) text = printable(text);
        text = "gradus: " + text + "\n";
        std::fwrite(text.data(), 1, text.size(), stderr);
    } catch (const std::bad_alloc&) {
        std::fputs("gradus: not enough memory\n", stderr);
    }
}

std::string shell_word(std::string_view text) {
    constexpr std::string_view kPlain =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./+";
    if (!text.empty() && text.find_first_not_of(kPlain) == text.npos) return std::string(text);
    const bool control = printable(text) != text || text.find_first_of("\n\t") != text.npos;
    std::string word = control ? "$'" : "'";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (control && (c == '\'' || c == '\\'))
            word += {'\\', c};
        else if (control && (byte < 0x20 || byte >= 0x7F))
            word += fmt::format("\\x{:02x}", byte);
        else if (c == '\'')
            word += "'\\''";
        else
            word += c;
    }
    return word + "'";
}

}  // namespace gradus
