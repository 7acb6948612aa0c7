// SPDX-License-Identifier: MIT
// The programs of examples/ as a person runs them: exit code, what they promise to print, and a
// picture that is a picture. They are built in float only, so one of the two test programs is
// enough to run them.
#ifndef GRADUS_DOUBLE
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "tests/text.h"

using gradus::contains;

namespace {

namespace fs = std::filesystem;

struct Result {
    int code = -1;
    std::string output;  // stdout and stderr together
};

// Runs a program of the build with a pipe as its output.
Result run(const std::string& command) {
    Result result;
    const std::string line = std::string("'") + GRADUS_BINARY_DIR + "'/bin/" + command;
    FILE* pipe = popen((line + " 2>&1 </dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    std::array<char, 4096> buffer;
    while (const std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe))
        result.output.append(buffer.data(), n);
    const int status = pclose(pipe);
    if (WIFEXITED(status)) result.code = WEXITSTATUS(status);
    return result;
}

std::string line_with(const std::string& text, const std::string& part) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        if (contains(line, part)) return line;
    return "";
}

std::size_t widest(const std::string& text) {
    std::size_t width = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) width = std::max(width, line.size());
    return width;
}

std::vector<fs::path> examples() {
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(fs::path(GRADUS_SOURCE_DIR) / "examples"))
        if (entry.path().extension() == ".cpp") files.push_back(entry.path());
    std::sort(files.begin(), files.end());
    return files;
}

}  // namespace

TEST_CASE("by_hand learns two moons with a backward pass of its own and draws the boundary") {
    const Result by_hand = run("by_hand");
    CHECK(by_hand.code == 0);
    CHECK(contains(by_hand.output, "step    0  loss 0.5489  right 80.5 %\n"));
    CHECK(contains(by_hand.output, "step 1000  loss 0.0134  right 100.0 %\n"));
    CHECK(contains(by_hand.output, "unseen     loss 0.0103  right 100.0 %\n"));
    CHECK(contains(by_hand.output, "xxx"));
    CHECK(contains(by_hand.output, "ooo"));
    CHECK(contains(by_hand.output, ":::..."));
    CHECK(widest(by_hand.output) < 40);
}

TEST_CASE("moons starts from the same loss as by_hand and needs a tenth of the steps") {
    const Result moons = run("moons");
    CHECK(moons.code == 0);
    CHECK(line_with(moons.output, "step    0") == line_with(run("by_hand").output, "step    0"));
    CHECK(contains(moons.output, "step  100  loss 0.0172  right 99.5 %\n"));
    CHECK(contains(moons.output, "unseen     loss 0.0134  right 100.0 %\n"));
    CHECK(widest(moons.output) < 40);
}

TEST_CASE("digits reads 97 % of unseen digits, learns nothing from shuffled labels, writes a PNG") {
    const fs::path folder =
        fs::temp_directory_path() / ("gradus digits " + std::to_string(getpid()));
    fs::create_directories(folder);
    const fs::path sheet = folder / "sheet.png";
    const Result digits = run("digits '" + sheet.string() + "'");
    CHECK(digits.code == 0);
    CHECK(contains(digits.output, "17098 parameters read 98.2 % right\n"));
    CHECK(contains(digits.output, "taught with shuffled labels: 10.8 %\n"));
    CHECK(contains(digits.output, "\nthis 5 was read as 1:\n"));
    CHECK(contains(digits.output, "#*"));

    std::ifstream file(sheet, std::ios::binary);
    std::array<unsigned char, 24> header{};
    file.read(reinterpret_cast<char*>(header.data()), header.size());
    CHECK(std::string(header.begin() + 1, header.begin() + 4) == "PNG");
    CHECK(header[18] * 256 + header[19] == 624);  // width: six pictures a row
    CHECK(header[22] * 256 + header[23] == 432);  // height: three rows for 18 misread digits

    const Result nowhere = run("digits '" + (folder / "missing" / "sheet.png").string() + "'");
    CHECK(nowhere.code == 1);
    CHECK(contains(nowhere.output, "cannot write "));
    fs::remove_all(folder);
}

TEST_CASE("tiny_gpt starts at ln 42, learns, and has its stories read by the checker") {
    const Result gpt = run("tiny_gpt 40");
    CHECK(gpt.code == 0);
    CHECK(contains(gpt.output, "110976 parameters, 42 characters\n"));
    CHECK(contains(gpt.output, "step   1  loss 3.7"));
    const std::string last = line_with(gpt.output, "step  40  loss ");
    REQUIRE(!last.empty());
    CHECK(std::stod(last.substr(15)) < 2);
    CHECK(std::stod(last.substr(15)) > 0.2);
    std::size_t verdicts = 0;
    for (std::size_t at = 0; (at = gpt.output.find("\n(", at)) != std::string::npos; ++at)
        ++verdicts;
    CHECK(verdicts == 3);
}

TEST_CASE("every example is shorter than 100 lines and says how it is run") {
    CHECK(examples().size() >= 5);
    for (const fs::path& path : examples()) {
        CAPTURE(path.string());
        std::ifstream file(path);
        std::string text, line;
        int lines = 0;
        for (; std::getline(file, line); ++lines) text += line + '\n';
        CHECK(lines < 100);
        const std::string name = path.stem().string();
        if (name != "readme") CHECK(contains(text, "./gradus example " + name));
    }
}

#endif  // GRADUS_DOUBLE
