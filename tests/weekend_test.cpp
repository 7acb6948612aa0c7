// SPDX-License-Identifier: MIT
// README.md as a guide to the tree: the path to read in a weekend is as long as stated, and the map
// names every folder.
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "nn/files/atomic_file.h"

using namespace gradus;

namespace {

const std::filesystem::path kReadme = std::filesystem::path(GRADUS_SOURCE_DIR) / "README.md";

// From one second-level heading to the next.
std::string chapter(const std::string& markdown, const std::string& title) {
    const std::size_t begin = markdown.find("\n## " + title + "\n");
    REQUIRE(begin != std::string::npos);
    return markdown.substr(begin, markdown.find("\n## ", begin + 1) - begin);
}

std::vector<std::string> found(const std::string& text, const std::string& pattern) {
    std::vector<std::string> list;
    const std::regex expression(pattern);
    for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
        list.push_back((*i)[1]);
    return list;
}

std::string with_comma(long count) {
    std::string digits = std::to_string(count);
    if (digits.size() > 3) digits.insert(digits.size() - 3, ",");
    return digits;
}

// The lines of a file, as `wc -l` counts them.
long lines_in(const std::string& file) {
    const std::string path = kReadme.parent_path() / file;
    CAPTURE(file);
    CHECK(std::filesystem::exists(path));
    const std::string text = read_file(path);
    return std::count(text.begin(), text.end(), '\n');
}

}  // namespace

// Cells are rounded to tens, so that most changes to a file leave README.md alone.
TEST_CASE("the files of README.md's weekend are as long as it says, and 3,000 lines at most") {
    const std::string readme = read_file(kReadme), before = chapter(readme, "Read in a weekend");
    const char* mode = std::getenv("GRADUS_README");
    const bool updating = mode && std::string(mode) == "update";
    std::istringstream lines(before);
    std::string after;
    long total = 0;
    int rows = 0;
    for (std::string line; std::getline(lines, line);) {
        const auto files = found(line, R"(\]\(([a-z0-9_/.]+)\))");
        const bool last = line.find("| total") != std::string::npos;
        if (line.starts_with("|") && (last || !files.empty())) {
            long count = 0;
            for (const std::string& file : files) count += lines_in(file);
            count = last ? total : (count + 5) / 10 * 10;
            if (!last) total += count;
            ++rows;
            const std::string right =
                line.substr(0, line.rfind("| ", line.size() - 3)) + "| " + with_comma(count) + " |";
            if (line != right && !updating)
                FAIL_CHECK("README.md, \"Read in a weekend\": this row should be\n"
                           << right
                           << "\nor update it: GRADUS_README=update ./gradus test "
                              "-tc='*README*'");
            line = right;
        }
        after += line + "\n";
    }
    CHECK(rows >= 6);
    CHECK(total >= 1500);
    CHECK(total <= 3000);
    if (!updating) return;
    if (before.back() != '\n') after.pop_back();
    std::string text = readme;
    write_file(kReadme, text.replace(text.find(before), before.size(), after));
}

TEST_CASE("every folder of nn is on README.md's map, and what is planned is not there yet") {
    const std::string map = chapter(read_file(kReadme), "What is where");
    const std::vector<std::string> list = found(map, "\n  ([a-z]+)/ ");
    const std::set<std::string> named(list.begin(), list.end());
    for (const auto& entry : std::filesystem::directory_iterator(kReadme.parent_path() / "nn")) {
        const std::string name = entry.path().filename().string();
        CAPTURE(name);
        if (entry.is_directory()) CHECK(named.count(name) == 1);
    }
    for (const std::string& name : named) {
        CAPTURE(name);
        const std::string rest = map.substr(map.find("\n  " + name + "/ ") + 1);
        const std::string row = rest.substr(0, rest.find('\n'));
        const bool planned = found(row, "/ +(\\(planned)").size() == 1;
        CHECK(std::filesystem::exists(kReadme.parent_path() / "nn" / name) == !planned);
    }
}
