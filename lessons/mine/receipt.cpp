// SPDX-License-Identifier: MIT
#include "lessons/mine/receipt.h"

#include <fmt/core.h>

#include <sstream>

#include "nn/files/checksum.h"
#include "tensor/error.h"

namespace gradus::lessons {

std::string chained(const std::vector<std::string>& lines) {
    std::string text;
    Checksum sum;
    for (const auto& line : lines) {
        sum.add(line.data(), line.size());
        text += fmt::format("{} #{}\n", line, sum.text());
    }
    return text;
}

std::vector<std::string> unchained(const std::string& text, const std::string& path) {
    if (!text.starts_with("gradus receipt 1 #"))
        throw FileError(path, "is not a receipt of ./gradus gpt --mine (its receipt.txt is)");
    if (text.find("\r\n") != std::string::npos)
        throw FileError(path,
                        "has the line ends of Windows, which a mail or an editor has put there: "
                        "send it as an attachment");
    std::vector<std::string> lines;
    std::istringstream in(text);
    Checksum sum;
    for (std::string line; std::getline(in, line);) {
        const auto mark = line.rfind(" #");
        const std::string words = line.substr(0, mark);
        sum.add(words.data(), words.size());
        if (mark == std::string::npos || line.substr(mark + 2) != sum.text())
            throw FileError(path, fmt::format("line {} is not as it was written: it, or one before "
                                              "it, was changed: {}",
                                              lines.size() + 1, words.substr(0, 60)));
        lines.push_back(words);
    }
    if (lines.back() != "end") throw FileError(path, "ends too early: its last lines are missing");
    return lines;
}

std::vector<std::string> about(const std::vector<std::string>& lines, const std::string& word) {
    std::vector<std::string> found;
    for (const auto& line : lines)
        if (line.starts_with(word + " ")) found.push_back(line.substr(word.size() + 1));
    return found;
}

}  // namespace gradus::lessons
