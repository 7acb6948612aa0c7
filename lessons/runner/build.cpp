// SPDX-License-Identifier: MIT
#include "lessons/runner/build.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <set>

#include "lessons/runner/compiler.h"
#include "lessons/runner/process.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// A file among the objects of a lesson's check.
std::string work_path(const Course& course, const Lesson& lesson, const std::string& file) {
    return fmt::format("{}/{}/{}", course.build.work, lesson.name, file);
}

// Where #include "03_matmul.h" finds the learner's file. Not by its path: within #include there is
// no way to write a quotation mark, which the name of a folder may hold.
std::vector<std::string> finds_answers(const Course& course) {
    return {"-iquote", fs::absolute(course.folder.path()).string()};
}

Compiled compile_answer(const Course& course, const Lesson& lesson, Flavour flavour,
                        const std::string& object) {
    std::vector<std::string> more = course.build.lessons.at(lesson.name).definitions;
    more.push_back("-DGRADUS_ANSWER=\"" + lesson.file + "\"");
    append(more, finds_answers(course));
    return compile(course.build, flavour,
                   fs::path(lesson.folder).parent_path().string() + "/check/answer.cpp", more,
                   object);
}

// Whether the file is one of ours: in the folder of a lesson, written by ./gradus solution, or this
// lesson's solution under another name.
bool is_an_answer(const Lesson& lesson, const std::string& file) {
    const std::string name = fs::path(file).filename().string();
    const std::string folder = fs::path(file).parent_path().filename().string();
    if (name == "solution.h" || name == "stub.h") return folder.find('-') == 2;
    if (name.find(".solution.") != std::string::npos) return true;
    return name.ends_with(".h") && name != lesson.file && !lesson.functions.empty() &&
           hash_of_code(read_file(file)) == hash_of_code(read_file(lesson.path("solution.h")));
}

// Finds an answer of the course, or the library's own version, in place of the learner's work.
BuildProblem inspect(const Course& course, const Lesson& lesson, const std::string& object) {
    for (const auto& file : dependencies(object)) {
        const std::string name = fs::path(file).filename().string();
        const std::string folder = fs::path(file).parent_path().filename().string();
        if (is_an_answer(lesson, file))
            return {VerdictKind::includes,
                    fmt::format("{} includes {}/{}: write your own code instead", lesson.file,
                                folder, name),
                    "", ""};
        for (const auto& word : lesson.forbidden)
            if (word.find('/') != std::string::npos && file.ends_with(word))
                return {
                    VerdictKind::includes,
                    fmt::format("{} includes {}, which holds what you are to write in this lesson",
                                lesson.file, word),
                    "", ""};
    }
    const ProcessResult symbols = run({"nm", "-C", object}, {}, {{"LC_ALL", "C"}});
    if (symbols.code != 0)
        throw MachineError("nm, which shows what your code calls, does not work: ./gradus doctor");
    if (auto problem = explain_symbols(symbols.out, course, lesson)) return problem;
    const std::string name = forbidden_symbol(symbols.out, lesson);
    if (name.empty()) return {};
    return {VerdictKind::calls,
            fmt::format("{} calls the library's own {}: write it yourself, without library "
                        "functions that do the same",
                        lesson.file, name == "ops" ? "table of operations" : name),
            "", ""};
}

// The learner's files for several lessons as one source: headers take most of the compiler's time,
// and this way they are read only once.
std::string joined(const Course& course, const std::vector<const Lesson*>& lessons) {
    std::string text = "#include \"lessons/check/function.h\"\n";
    for (const Lesson* lesson : lessons)
        text += as_answer(course, *lesson, fmt::format("#include \"{}\"\n", lesson->file));
    return text;
}

// Whether `lesson` builds on `other`, directly or through a third.
bool builds_on(const Course& course, const Lesson& lesson, const Lesson& other) {
    return std::any_of(lesson.needs.begin(), lesson.needs.end(), [&](const std::string& number) {
        const Lesson* needed = course.number(number);
        // A lesson needs only earlier ones (verify makes sure of it), so this terminates.
        return number == other.number || (needed != nullptr && needed->number < lesson.number &&
                                          builds_on(course, *needed, other));
    });
}

}  // namespace

std::string as_answer(const Course& course, const Lesson& lesson, const std::string& code) {
    std::string define, undefine;
    for (const auto& definition : course.build.lessons.at(lesson.name).definitions) {
        const auto equals = definition.find('=');  // "-DNAME=VALUE"
        const std::string name = definition.substr(2, equals - 2);
        define += fmt::format("#define {} {}\n", name, definition.substr(equals + 1));
        undefine += fmt::format("#undef {}\n", name);
    }
    return fmt::format(
        "\n{}#include \"lessons/check/part.inc\"\n#define mine mine_{}\n{}#include "
        "\"lessons/check/enter_mine.inc\"\n#undef mine\n{}",
        define, lesson.number, code, undefine);
}

std::string remark(const Course& course, const Lesson& lesson) {
    const std::string object = work_path(course, lesson, "remark.o");
    return first_warning(compile_answer(course, lesson, Flavour::fast, object).messages, lesson);
}

std::vector<std::string> compile_earlier(const Course& course, const std::string& folder,
                                         std::vector<const Lesson*>& earlier) {
    if (earlier.empty()) return {};
    const std::string source = fmt::format("{}/{}/earlier.cpp", course.build.work, folder);
    const std::string object = fmt::format("{}/{}/earlier.o", course.build.work, folder);
    const std::string text = joined(course, earlier);
    make_folder(fs::path(source).parent_path().string());
    if (!fs::exists(source) || read_file(source) != text) write_file(source, text);
    if (compile(course.build, Flavour::fast, source, finds_answers(course), object).ok)
        return {object};
    std::vector<std::string> objects;
    std::vector<const Lesson*> good;
    for (const Lesson* other : earlier) {
        const std::string single = work_path(course, *other, "passed.o");
        if (!compile_answer(course, *other, Flavour::fast, single).ok) continue;
        objects.push_back(single);
        good.push_back(other);
    }
    earlier = good;
    return objects;
}

BuildProblem build_program(const Course& course, const Lesson& lesson, Program& program) {
    const std::string file = course.folder.file(lesson);
    if (!fs::exists(file))
        return {VerdictKind::missing, shown(course, lesson.file) + " does not exist", "", ""};
    const std::string text = read_file(file);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return {VerdictKind::empty,
                fmt::format("{} is empty (./gradus reset {} brings the stub back)",
                            shown(course, lesson.file), lesson.number),
                "", ""};

    // The lessons this builds on: the learner's functions if they passed, else the library's own.
    const Progress progress = course.folder.progress();
    std::vector<const Lesson*> candidates, own;
    std::set<std::string> used(lesson.uses.begin(), lesson.uses.end());
    // From the last on: what has passed calls functions of lessons before it, passed or not.
    for (auto other = course.lessons.rbegin(); other != course.lessons.rend(); ++other) {
        const bool below =
            builds_on(course, lesson, *other) && fs::exists(other->path("install.cpp"));
        if (!below && !used.contains(other->number)) continue;
        candidates.insert(candidates.begin(), &*other);
        if (course.folder.state(*other, progress) != LessonState::passed) continue;
        own.insert(own.begin(), &*other);
        used.insert(other->uses.begin(), other->uses.end());
    }
    auto earlier =
        std::async(std::launch::async, [&] { return compile_earlier(course, lesson.name, own); });

    const std::string object = work_path(course, lesson, "mine.o");
    const Compiled mine = compile_answer(course, lesson, Flavour::watched, object);
    const std::vector<std::string> earlier_objects = earlier.get();
    if (!mine.ok) return explain_compiler(mine.messages, course, lesson);
    program.warning = first_warning(mine.messages, lesson);
    if (auto problem = inspect(course, lesson, object)) return problem;

    const Built& built = course.build.lessons.at(lesson.name);
    std::vector<std::string> objects = course.build.harness;
    for (const auto& part : {built.check, built.answers, built.install, {object}, earlier_objects})
        append(objects, part);
    for (const Lesson* other : candidates) {
        const Built& parts = course.build.lessons.at(other->name);
        const bool is_own = std::find(own.begin(), own.end(), other) != own.end();
        const bool is_used = used.contains(other->number);
        if (is_own || is_used) append(objects, parts.install);
        if (is_used) append(objects, parts.answers);
        (is_own ? program.own : program.built_in).push_back(other->number);
    }
    program.path = work_path(course, lesson, lesson.name);
    const Compiled linked = link(course.build, Flavour::watched, objects, program.path);
    if (!linked.ok) return explain_linker(linked.messages, lesson);
    return {};
}

}  // namespace gradus::lessons
