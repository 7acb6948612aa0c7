// SPDX-License-Identifier: MIT
#include "lessons/runner/course.h"

#include <course_paths.h>
#include <fmt/core.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "nn/files/atomic_file.h"
#include "nn/text/near_names.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

BuildConfig read_config(const std::string& path) {
    BuildConfig config;
    try {
        const auto json = nlohmann::json::parse(read_file(path));
        json.at("compiler").get_to(config.compiler);
        json.at("flags").get_to(config.flags);
        json.at("watched").get_to(config.watched);
        json.at("fast").get_to(config.fast);
        json.at("harness").get_to(config.harness);
        json.at("libraries").get_to(config.libraries);
        json.at("blame_objects").get_to(config.blame_objects);
        json.at("float").get_to(config.float_flags);
        json.at("float_objects").get_to(config.float_objects);
        json.at("float_libraries").get_to(config.float_libraries);
        json.at("programs").get_to(config.programs);
        json.at("work").get_to(config.work);
        for (const auto& [name, lesson] : json.at("lessons").items()) {
            Built& built = config.lessons[name];
            lesson.at("definitions").get_to(built.definitions);
            lesson.at("check").get_to(built.check);
            lesson.at("answers").get_to(built.answers);
            lesson.at("install").get_to(built.install);
        }
    } catch (const nlohmann::json::exception& e) {
        throw FileError(path, std::string("is not what CMake writes: ") + e.what());
    }
    return config;
}

}  // namespace

const Lesson& Course::lesson(const std::string& name) const {
    if (name.empty()) return current();
    std::vector<std::string> names;
    for (const auto& lesson : lessons) {
        const std::string word = lesson.name.substr(3);
        for (const std::string& known : {lesson.number, lesson.name, word, lesson.file})
            if (name == known) return lesson;
        if ("0" + name == lesson.number) return lesson;
        names.push_back(lesson.name);
        names.push_back(word);
    }
    const auto near = near_names(name, names, 1);
    throw std::invalid_argument(
        near.empty()
            ? fmt::format("there is no lesson \"{}\": they run from {} to {} (./gradus list)", name,
                          lessons.front().number, lessons.back().number)
            : fmt::format("there is no lesson \"{}\": did you mean \"{}\"?", name, near[0]));
}

const Lesson& Course::current() const {
    const Progress progress = folder.progress();
    const Lesson *first = nullptr, *newest = nullptr;
    fs::file_time_type saved{};
    for (const auto& lesson : lessons) {
        const LessonState state = folder.state(lesson, progress);
        if (state == LessonState::passed) continue;
        if (first == nullptr) first = &lesson;
        if (state == LessonState::not_begun) continue;
        const auto time = fs::last_write_time(folder.file(lesson));
        if (newest == nullptr || time > saved) newest = &lesson, saved = time;
    }
    if (newest != nullptr) return *newest;
    return first != nullptr ? *first : lessons.back();
}

const Lesson* Course::after(const Lesson& lesson) const {
    for (const auto& other : lessons)
        if (other.number > lesson.number) return &other;
    return nullptr;
}

const Lesson* Course::number(const std::string& wanted) const {
    for (const auto& lesson : lessons)
        if (lesson.number == wanted) return &lesson;
    return nullptr;
}

Course open_course() {
    const char* mine = std::getenv("GRADUS_COURSE_DIR");
    const bool elsewhere = mine && *mine;
    Course course{read_config(std::string(GRADUS_COURSE_BUILD) + "/course.json"),
                  read_lessons(std::string(GRADUS_COURSE_SOURCE)),
                  Folder(elsewhere ? mine : GRADUS_LEARNER_FOLDER)};
    if (elsewhere) course.build.work = course.folder.path() + "/.build";
    require(!course.lessons.empty(), "course: there are no lessons in {}", GRADUS_COURSE_SOURCE);
    return course;
}

}  // namespace gradus::lessons
