// SPDX-License-Identifier: MIT
#include "lessons/runner/pictures.h"

#include <fmt/core.h>

#include <filesystem>

#include "lessons/runner/compiler.h"
#include "nn/files/atomic_file.h"
#include "nn/files/process.h"
#include "tensor/error.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// `text` up to the next `end`, and all that is after it.
std::string cut(std::string& text, char end) {
    const std::size_t at = std::min(text.find(end), text.size());
    std::string first = text.substr(0, at);
    text.erase(0, at + 1);
    return first;
}

}  // namespace

std::vector<DemoPicture> demo_pictures(const Course& course, const Lesson& lesson,
                                       const TerminalStyle& style, Svg svg) {
    const std::string folder = course.build.work + "/pictures-" + lesson.name;
    std::vector<std::string> command = {
        course.build.programs + "/" + lesson.name,
        lesson.name,
        "demo",
        "solution",
        std::to_string(style.columns),
        std::string("m") + (style.unicode ? "u" : "") + (style.colour ? "c" : "")};
    if (svg == Svg::wanted) {
        fs::remove_all(folder);
        make_folder(folder);
        command.push_back(folder);
    }
    const ProcessResult ended =
        run_process(command, {.environment = {{"ASAN_OPTIONS", "detect_leaks=0"}},
                              .processor_seconds = 60,
                              .seconds = 120,
                              .kept = 16 << 20});
    require(ended.code == 0, "demo of lesson {}: it ended early (exit code {}): {}", lesson.number,
            ended.code, ended.err.substr(0, 400));
    std::vector<DemoPicture> pictures;
    std::string rest = ended.out;
    for (cut(rest, '\x1e'); !rest.empty(); cut(rest, '\x1e')) {
        std::string record = cut(rest, '\x1e');
        std::string head = cut(record, '\n');
        DemoPicture picture;
        picture.name = cut(head, '\x1f');
        picture.caption.title = cut(head, '\x1f');
        picture.caption.look_for = cut(head, '\x1f');
        picture.caption.wrong = head;
        picture.text = record;
        if (svg == Svg::wanted) picture.svg = read_file(folder + "/" + picture.name + ".svg");
        pictures.push_back(std::move(picture));
    }
    if (svg == Svg::wanted) fs::remove_all(folder);
    return pictures;
}

const DemoPicture& picture_named(const std::vector<DemoPicture>& pictures, const std::string& name,
                                 const Lesson& lesson) {
    for (const auto& picture : pictures)
        if (picture.name == name) return picture;
    throw std::invalid_argument(
        fmt::format("{}: the demo shows no picture \"{}\"", lesson.path("README.md"), name));
}

}  // namespace gradus::lessons
