// SPDX-License-Identifier: MIT
#include "lessons/runner/mine.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "lessons/runner/build.h"
#include "lessons/runner/compiler.h"
#include "lessons/runner/explain.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// The source for these lessons: their files with counters, each an answer of its lesson.
std::string source_of(const Course& course, const std::vector<const Lesson*>& lessons) {
    std::string text = "#include \"lessons/check/function.h\"\n#include \"lessons/mine/calls.h\"\n";
    for (const Lesson* lesson : lessons) {
        const std::string& n = lesson->number;
        const std::string file = read_file(course.folder.file(*lesson));
        const auto list = counted_names(file, *lesson);
        std::string names;
        for (const auto& name : list) names += "\"" + name + "\", ";
        text += fmt::format(
            "\nstatic gradus::lessons::CallCount calls_{0}[{1}];\nstatic const bool listed_{0} = "
            "gradus::lessons::add_own_file({{\"{2}\", \"{3}\", \"{4}\", {{{5}}}, {6}, "
            "calls_{0}}});\n",
            n, list.size(), lesson->name, lesson->file, hash_of_code(file), names,
            keeps_something(file));
        std::string code = counted(file, *lesson);
        if (const auto once = code.find("#pragma once"); once != std::string::npos)
            code.replace(once, 12, "");
        text += as_answer(course, *lesson, fmt::format("#line 1 \"{}\"\n{}\n", lesson->file, code));
    }
    return text;
}

// The lessons that have passed and, if wanted, those whose code was changed since.
std::vector<const Lesson*> passed(const Course& course, bool changed_too) {
    const Progress progress = course.folder.progress();
    std::vector<const Lesson*> list;
    for (const auto& lesson : course.lessons) {
        const LessonState state = course.folder.state(lesson, progress);
        const bool wanted =
            state == LessonState::passed || (changed_too && state == LessonState::changed);
        if (lesson.number != "00" && wanted) list.push_back(&lesson);  // 00 is not part of a GPT
    }
    return list;
}

// Compiles these lessons' files in float; appends to `objects`. Returns the compiler's messages.
std::string compile_in_float(const Course& course, const std::vector<const Lesson*>& lessons,
                             const std::string& name, std::vector<std::string>& objects) {
    const std::string folder = course.build.work + "/mine";
    const std::string source = fmt::format("{}/{}.cpp", folder, name);
    make_folder(folder);
    const std::string text = source_of(course, lessons);
    if (!fs::exists(source) || read_file(source) != text) write_file(source, text);
    const std::string object = fmt::format("{}/{}.o", folder, name);
    const Compiled done =
        compile(course.build, Flavour::in_float, source,
                {"-w", "-iquote", fs::absolute(course.folder.path()).string()}, object);
    if (!done.ok) return done.messages;
    objects.push_back(object);
    return "";
}

// Becomes that program.
[[noreturn]] void run_instead(std::vector<std::string> command) {
    std::vector<char*> arguments;
    for (auto& word : command) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::fflush(stdout);
    ::execv(arguments[0], arguments.data());
    throw MachineError(fmt::format("{}: cannot be started: {}", command[0], std::strerror(errno)));
}

}  // namespace

std::string build_mine(const Course& course) {
    const auto lessons = passed(course, false);
    if (lessons.empty())
        throw std::invalid_argument(
            "no lesson has passed yet, so nothing of this GPT would be yours: ./gradus start");
    const std::string program = course.build.work + "/mine/gradus-mine";
    std::vector<std::string> objects = course.build.float_objects;
    // One source, since headers take most of the time; one for each lesson if two of the files do not
    // go together.
    if (!compile_in_float(course, lessons, "all", objects).empty())
        for (const Lesson* lesson : lessons)
            if (const auto messages = compile_in_float(course, {lesson}, lesson->name, objects);
                !messages.empty())
                throw std::invalid_argument(
                    explain_compiler(messages, course, *lesson).sentence +
                    " (where Real is a float, as in a GPT that is trained)");
    const Compiled linked = link(course.build, Flavour::in_float, objects, program);
    if (!linked.ok)
        throw std::invalid_argument("your files cannot be linked: " +
                                    linked.messages.substr(0, 400));
    return program;
}

int blame_command(const Course& course) {
    std::vector<const Lesson*> lessons = passed(course, true);
    if (lessons.empty())
        throw std::invalid_argument("no lesson has passed yet, so no part can be at fault");
    std::vector<std::string> objects = course.build.blame_objects;
    const auto wanted = lessons;
    append(objects, compile_earlier(course, "blame", lessons));
    for (const Lesson* lesson : wanted)
        if (std::find(lessons.begin(), lessons.end(), lesson) == lessons.end())
            throw std::invalid_argument(fmt::format("{} does not compile: ./gradus check {}",
                                                    lesson->file, lesson->number));
    const std::string program = course.build.work + "/blame/gradus-blame";
    const Compiled linked = link(course.build, Flavour::fast, objects, program);
    if (!linked.ok)
        throw std::invalid_argument("your files cannot be linked: " +
                                    linked.messages.substr(0, 400));
    run_instead({program});
}

int mine_command(const Course& course, const std::vector<std::string>& words) {
    std::vector<std::string> command = {""}, rest;
    for (const auto& word : words) {
        if (word == "--mine") continue;
        (word == "--my-matmul" ? command : rest).push_back(word);
    }
    if (::isatty(2)) fmt::print(stderr, "gradus: compiling your files in float ...\n");
    command[0] = build_mine(course);
    append(command, rest);
    run_instead(command);
}

}  // namespace gradus::lessons
