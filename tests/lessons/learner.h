// SPDX-License-Identifier: MIT
// A learner with a folder of their own, who runs bin/gradus-course.
#pragma once

#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "nn/files/atomic_file.h"
#include "tests/nn/files/temporary_folder.h"
#include "tests/process.h"
#include "tests/text.h"

namespace gradus {

using Words = std::vector<std::string>;
using Json = nlohmann::json;

inline const std::string kCourse = GRADUS_BINARY_DIR "/bin/gradus-course";
inline const std::string kLesson = GRADUS_SOURCE_DIR "/lessons/03-matmul/";

class Learner {
 public:
    // `folder` is the name of their folder.
    explicit Learner(std::string folder = "my-gpt") : name_(std::move(folder)) {}

    std::string path(const std::string& file) const { return folder_.file(file); }
    // A file in their folder.
    std::string own(const std::string& file) const { return folder_.file(name_ + "/" + file); }
    void write(const std::string& text, const std::string& file = "03_matmul.h") const {
        std::filesystem::create_directories(folder_.file(name_));
        std::ofstream(own(file)) << text;
    }
    ProcessResult run(const Words& words) const {
        Words command = {kCourse};
        command.insert(command.end(), words.begin(), words.end());
        ProcessOptions options;
        options.environment = environment();
        return run_to_end(command, options);
    }
    Environment environment() const {
        return {
            {"GRADUS_COURSE_DIR", folder_.file(name_)}, {"COLUMNS", "80"}, {"LC_ALL", "C.UTF-8"}};
    }
    // The verdict on a lesson.
    Json check(const std::string& lesson = "03") const {
        const ProcessResult result = run({"check", lesson, "--json"});
        CAPTURE(result.err);
        REQUIRE((result.code == 0 || result.code == 1));
        const Json verdict = Json::parse(result.out)["verdicts"][0];
        CHECK(verdict["passed"] == (result.code == 0));
        return verdict;
    }

 private:
    std::string name_;
    TemporaryFolder folder_;
};

// The solution of lesson 03.
inline std::string solution() {
    return read_file(kLesson + "solution.h");
}

inline std::string replaced(std::string text, const std::string& old, const std::string& now) {
    const std::size_t at = text.find(old);
    REQUIRE(at != std::string::npos);
    return text.replace(at, old.size(), now);
}

// The solution with something in the middle of its matmul, and an include or other lines before it.
inline std::string with(const std::string& code, const std::string& head = "") {
    const std::string text = replaced(solution(), "Real sum = 0;", "Real sum = 0; " + code);
    return head.empty() ? text : replaced(text, "#pragma once", "#pragma once\n" + head);
}

// How this build is sanitized; if it is, the checks are, too.
inline std::string sanitizer() {
    return Json::parse(read_file(GRADUS_BINARY_DIR "/lessons/course.json"))["watched"].dump();
}

}  // namespace gradus
