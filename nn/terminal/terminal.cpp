// SPDX-License-Identifier: MIT
#include "nn/terminal/terminal.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "nn/text/display_width.h"

namespace gradus {
namespace {

int number_from(const char* variable, int otherwise) {
    const char* value = std::getenv(variable);
    return value && std::atoi(value) > 0 ? std::atoi(value) : otherwise;
}

}  // namespace

void open_standard_files() {
    int file = 0;
    while (file >= 0 && file <= STDERR_FILENO) file = ::open("/dev/null", O_RDWR);
    if (file > STDERR_FILENO) ::close(file);
}

bool output_is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

int terminal_columns() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return number_from("COLUMNS", 80);
}

int terminal_rows() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
    return number_from("LINES", 24);
}

TerminalCapabilities terminal_capabilities(bool plain, bool ascii) {
    return terminal_capabilities(plain, ascii, output_is_terminal(),
                                 [](const char* name) { return std::getenv(name); });
}

TerminalCapabilities terminal_capabilities(
    bool plain, bool ascii, bool is_terminal,
    const std::function<const char*(const char*)>& environment) {
    const auto value = [&](const char* name) -> std::string_view {
        const char* text = environment(name);
        return text ? text : "";
    };
    std::string locale;
    for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
        if (locale.empty()) locale = value(name);
    for (char& c : locale) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool utf8 =
        locale.find("utf-8") != std::string::npos || locale.find("utf8") != std::string::npos;

    TerminalCapabilities can;
    can.live = is_terminal && !plain && !value("TERM").empty() && value("TERM") != "dumb";
    const bool forced = !value("FORCE_COLOR").empty() && value("FORCE_COLOR") != "0";
    can.colour = (can.live || forced) && value("NO_COLOR").empty();
    can.unicode = utf8 && !ascii;
    return can;
}

std::string clock_text(double seconds) {
    const auto s = static_cast<long>(std::max(0.0, seconds) + 0.5);
    return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                     : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string wrapped(std::string_view text, int indent, int columns) {
    columns = std::max(20, columns > 0 ? columns : terminal_columns() - 1);
    indent = std::min(indent, columns / 2);  // some room must be left
    std::string out;
    for (bool first = true;; first = false) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const std::string_view fits = fit_width(line, first ? columns : columns - indent);
        std::size_t end = fits.size();
        if (end < line.size()) {  // break at the last space, unless that wastes half the line
            const std::size_t space = line[end] == ' ' ? end : fits.rfind(' ');
            if (space != std::string_view::npos && space >= end / 2) end = space;
        }
        out += line.substr(0, end);
        if (end == text.size()) return out;
        text.remove_prefix(end + (text[end] == ' ' || text[end] == '\n'));
        out += '\n';
        out.append(static_cast<std::size_t>(indent), ' ');
    }
}

}  // namespace gradus
