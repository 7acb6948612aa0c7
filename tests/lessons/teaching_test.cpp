// SPDX-License-Identifier: MIT
// The minutes of the lessons, wherever they are stated.
#ifndef GRADUS_DOUBLE  // nothing here depends on numbers
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <filesystem>
#include <map>
#include <regex>

#include "nn/files/atomic_file.h"
#include "tests/text.h"

using namespace gradus;
namespace fs = std::filesystem;

namespace {

const std::string kLessons = GRADUS_SOURCE_DIR "/lessons/";

// The minutes in each lesson's front matter, by its number.
std::map<std::string, int> minutes_of_lessons() {
    std::map<std::string, int> minutes;
    static const std::regex line("\nminutes: (\\d+)\n");
    for (const auto& entry : fs::directory_iterator(kLessons)) {
        const std::string name = entry.path().filename().string();
        if (!std::regex_match(name, std::regex("\\d\\d-.*"))) continue;
        const std::string text = read_file(entry.path().string() + "/README.md");
        std::smatch found;
        REQUIRE(std::regex_search(text, found, line));
        minutes[name.substr(0, 2)] = std::stoi(found[1]);
    }
    return minutes;
}

struct Plan {
    std::string name;
    int stated, sum;
};

// The rows of a table "| plan | 00, 01 | 45 |".
std::vector<Plan> plans_in(const std::string& text) {
    static const std::regex row(R"(\| ([^|\n]*) \| (\d\d(, \d\d)*) \| (\d+) \|)");
    const auto minutes = minutes_of_lessons();
    std::vector<Plan> plans;
    for (std::sregex_iterator at(text.begin(), text.end(), row), end; at != end; ++at) {
        Plan plan{(*at)[1], std::stoi((*at)[4]), 0};
        const std::string lessons = (*at)[2];
        for (std::size_t i = 0; i < lessons.size(); i += 4)
            plan.sum += minutes.at(lessons.substr(i, 2));
        plans.push_back(plan);
    }
    return plans;
}

}  // namespace

TEST_CASE(
    "the plans for teachers state the sum of their lessons' minutes, and fit into their time") {
    const std::string text = read_file(kLessons + "TEACHING.md");
    const auto plans = plans_in(text);
    CHECK(plans.size() == 8);
    for (const auto& plan : plans) {
        CAPTURE(plan.name);
        CHECK(plan.stated == plan.sum);
        const std::regex time("(\\d+) minutes");
        std::smatch found;
        if (std::regex_match(plan.name, found, time)) {
            CHECK(plan.sum <= std::stoi(found[1]));
            CHECK(contains(text, "\n## " + plan.name + ":"));
        }
    }
    CHECK(plans_in("| a day | 00, 01 | 46 |\n")[0].sum == 45);
}

TEST_CASE("the course's own table states each lesson's minutes") {
    const std::string text = read_file(kLessons + "README.md");
    for (const auto& lesson : minutes_of_lessons()) {
        CAPTURE(lesson.first);
        const std::string row = "\n\\| \\[" + lesson.first + " .* \\| ";
        CHECK(std::regex_search(text, std::regex(row + std::to_string(lesson.second) + " \\|\n")));
    }
}

#endif
