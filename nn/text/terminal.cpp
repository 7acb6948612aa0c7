// SPDX-License-Identifier: MIT
#include "nn/text/terminal.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "nn/text/display_width.h"

namespace gradus {

bool output_is_terminal() {
    return isatty(STDOUT_FILENO) == 1;
}

int terminal_columns() {
    winsize size{};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    const char* columns = std::getenv("COLUMNS");
    return columns && std::atoi(columns) > 0 ? std::atoi(columns) : 80;
}

std::string clock_text(double seconds) {
    const auto s = static_cast<long>(std::max(0.0, seconds) + 0.5);
    return s >= 3600 ? fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60)
                     : fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string wrapped(std::string_view text, int indent, int columns) {
    columns = std::max(20, columns > 0 ? columns : terminal_columns() - 1);
    std::string out;
    for (bool first = true;; first = false) {
        const std::string_view line = text.substr(0, text.find('\n'));
        const std::string_view fits = fit_width(line, first ? columns : columns - indent);
        std::size_t end = fits.size();
        if (end < line.size()) {  // break at the last space, unless that wastes half of the line
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
