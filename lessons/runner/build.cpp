// SPDX-License-Identifier: MIT
#include "lessons/runner/build.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <regex>
#include <sstream>

#include "lessons/runner/process.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

std::string line_of_file(const std::string& path, std::size_t number) {
    if (!fs::exists(path)) return "";
    const auto lines = lines_of(read_file(path));
    return number >= 1 && number <= lines.size() ? lines[number - 1] : "";
}

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// One message of g++ or clang++.
struct Message {
    std::string file, kind, words;
    std::size_t line = 0;
};

std::vector<Message> messages_of(const std::string& text) {
    static const std::regex form(R"(^(.+?):(\d+):(?:(\d+):)? (fatal error|error|warning): (.*)$)");
    std::vector<Message> messages;
    for (const auto& line : lines_of(text)) {
        std::smatch found;
        if (!std::regex_match(line, found, form)) continue;
        std::string words = found[5];
        if (const auto flag = words.rfind(" [-W"); flag != std::string::npos) words.resize(flag);
        messages.push_back({found[1], found[4], words, std::stoul(found[2])});
    }
    return messages;
}

// Files and headers an object was made of, from the compiler's -MMD.
std::vector<std::string> dependencies(const std::string& path) {
    std::vector<std::string> files;
    if (!fs::exists(path)) return files;
    std::istringstream in(read_file(path));
    std::string word;
    in >> word;  // "mine.o:"
    while (in >> word)
        if (word != "\\") files.push_back(word);
    return files;
}

// An object is up to date if it was made by the same command and nothing it was made of is newer.
bool fresh(const std::string& object, const std::string& command) {
    const std::string stamp = object + ".command";
    if (!fs::exists(object) || !fs::exists(stamp) || read_file(stamp) != command) return false;
    const auto made = fs::last_write_time(object);
    const auto files = dependencies(object + ".d");
    return !files.empty() && std::all_of(files.begin(), files.end(), [&](const auto& file) {
        std::error_code error;
        const auto time = fs::last_write_time(file, error);
        return !error && time < made;
    });
}

// What the learner's files are compiled with. -O1 -g1: a second less than -O2 -g, and enough for
// the sanitizers to name lines.
std::vector<std::string> learner_flags(const BuildConfig& build, bool fast) {
    std::vector<std::string> flags = build.flags;
    append(flags, {"-Wall", "-Wextra", "-Wno-unused-parameter", "-g1", fast ? "-O2" : "-O1"});
    if (!build.sanitizer.empty())
        append(flags, build.sanitizer);
    else if (!fast)
        append(flags, {"-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                       "-fno-omit-frame-pointer"});
    return flags;
}

std::string object_of(const Course& course, const Lesson& lesson, bool fast) {
    return fmt::format("{}/{}/{}.o", course.build.work, lesson.name, fast ? "fast" : "mine");
}

BuildProblem compile(const Course& course, const Lesson& lesson, bool fast, std::string& warning) {
    const std::string object = object_of(course, lesson, fast);
    fs::create_directories(fs::path(object).parent_path());
    std::vector<std::string> command = {course.build.compiler};
    append(command, learner_flags(course.build, fast));
    append(command, course.build.lessons.at(lesson.name).definitions);
    command.push_back("-DGRADUS_ANSWER=\"" + fs::absolute(course.folder.file(lesson)).string() +
                      "\"");
    append(command,
           {"-fdiagnostics-color=never", "-fmax-errors=5", "-MMD", "-MF", object + ".d", "-c",
            fs::path(lesson.folder).parent_path().string() + "/check/answer.cpp", "-o", object});
    std::string line;
    for (const auto& word : command) line += word + "\n";
    if (fresh(object, line)) return {};
    fs::remove(object + ".command");
    const Ended ended = run(command, {}, {{"LC_ALL", "C"}});
    if (ended.code != 0) {
        if (ended.late)
            return {BuildProblem::Kind::compile, "the compiler did not end within two minutes", "",
                    ""};
        return explain_compiler(ended.err, course, lesson);
    }
    for (const auto& message : messages_of(ended.err))
        if (warning.empty() && message.kind == "warning" && ends_with(message.file, lesson.file))
            warning = fmt::format("line {}: {}", message.line, message.words);
    write_file(object + ".command", line);
    return {};
}

// An answer of the course, or the library's own version, in place of the learner's work?
BuildProblem inspect(const Course& course, const Lesson& lesson, bool fast) {
    const std::string object = object_of(course, lesson, fast);
    for (const auto& file : dependencies(object + ".d")) {
        const std::string name = fs::path(file).filename().string();
        const std::string folder = fs::path(file).parent_path().filename().string();
        const bool answer = folder == lesson.name || course.number(folder.substr(0, 2)) != nullptr;
        if (answer && (name == "solution.h" || name == "stub.h"))
            return {BuildProblem::Kind::includes,
                    fmt::format("{} includes {}/{}: the check wants your own code", lesson.file,
                                folder, name),
                    "", ""};
        for (const auto& word : lesson.forbidden)
            if (word.find('/') != std::string::npos && ends_with(file, word))
                return {BuildProblem::Kind::includes,
                        fmt::format("{} includes {}, which is what this lesson is about to write",
                                    lesson.file, word),
                        "", ""};
    }
    const Ended symbols = run({"nm", "-C", object}, {}, {{"LC_ALL", "C"}});
    const std::string name = forbidden_symbol(symbols.out, lesson);
    if (name.empty()) return {};
    return {BuildProblem::Kind::calls,
            fmt::format("{} calls the library's own {}: write it yourself, with nothing of the "
                        "library's that does the same",
                        lesson.file, name == "ops" ? "table of operations" : name),
            "", ""};
}

BuildProblem explain_linker(const std::string& messages, const Lesson& lesson) {
    static const std::regex undefined("undefined reference to [`'](.+?)'");
    static const std::regex twice("multiple definition of [`'](.+?)'");
    std::smatch found;
    if (std::regex_search(messages, found, undefined))
        return {BuildProblem::Kind::link,
                fmt::format("{} calls {}, which is declared but nowhere written", lesson.file,
                            found[1].str()),
                "", messages};
    if (std::regex_search(messages, found, twice))
        return {BuildProblem::Kind::link,
                fmt::format("{} is defined twice: write inline before it", found[1].str()), "",
                messages};
    return {BuildProblem::Kind::link, "the linker could not join your file to the check", "",
            messages};
}

}  // namespace

std::string shown(const Course& course, const std::string& path) {
    const fs::path folder = course.folder.path();
    const auto name = fs::path(path).filename().string();
    return (folder.filename() / name).string();
}

BuildProblem explain_compiler(const std::string& text, const Course& course, const Lesson& lesson) {
    const auto all = messages_of(text);
    std::vector<Message> errors;
    std::copy_if(all.begin(), all.end(), std::back_inserter(errors),
                 [](const Message& m) { return m.kind != "warning"; });
    if (errors.empty())
        return {BuildProblem::Kind::compile, "the compiler failed without naming a line", "", text};

    for (const auto& error : errors) {
        if (!ends_with(error.file, lesson.file)) continue;
        return {BuildProblem::Kind::compile,
                fmt::format("{}, line {}: {}", shown(course, lesson.file), error.line, error.words),
                line_of_file(course.folder.file(lesson), error.line), text};
    }
    // Not in the learner's file: then mostly where the functions are looked for by name.
    static const std::regex absent(
        "no member named '(\\w+)'|'(\\w+)' is not a member of 'mine'|"
        "'(\\w+)' is not a member of 'mine::|"
        "[‘'](\\w+)[’'] is not a member of [‘']mine[’']");
    for (const auto& error : errors) {
        std::smatch found;
        if (std::regex_search(error.words, found, absent)) {
            std::string name;
            for (std::size_t i = 1; i < found.size(); ++i)
                if (found[i].matched) name = found[i];
            return {BuildProblem::Kind::contract,
                    fmt::format("{} has no function {} in namespace mine (./gradus reset {} brings "
                                "the stub back and keeps your file under another name)",
                                shown(course, lesson.file), name, lesson.number),
                    "", text};
        }
        if (error.words.find("mine") != std::string::npos &&
            error.words.find("namespace") != std::string::npos)
            return {BuildProblem::Kind::contract,
                    fmt::format("{} has no namespace mine: your functions belong into it",
                                shown(course, lesson.file)),
                    "", text};
    }
    // Other parameters than the stub's: the cast in enter_mine.inc is refused, on behalf of a line
    // of part.inc.
    static const std::regex line_of_part("part\\.inc:(\\d+):");
    std::smatch at;
    if (std::regex_search(text, at, line_of_part)) {
        const std::string line = line_of_file(lesson.path("part.inc"), std::stoul(at[1]));
        for (const auto& name : lesson.functions)
            if (line.find(" " + name + ",") != std::string::npos)
                return {BuildProblem::Kind::contract,
                        fmt::format(
                            "{}: {} has other parameters, or another result, than in the "
                            "stub: {}",
                            shown(course, lesson.file), name,
                            line.substr(line.find('(') + 1, line.rfind(')') - line.find('(') - 1)),
                        "", text};
    }
    return {BuildProblem::Kind::compile,
            fmt::format("{}, line {}: {}", errors[0].file, errors[0].line, errors[0].words), "",
            text};
}

std::string forbidden_symbol(const std::string& symbols, const Lesson& lesson) {
    std::vector<std::string> forbidden = lesson.functions;
    append(forbidden, lesson.forbidden);
    append(forbidden, {"ops", "naive"});
    for (const auto& line : lines_of(symbols)) {
        const std::size_t at = line.find("gradus::");
        // "                 U gradus::f64::ops()": address, letter, name. A name further right
        // stands in the arguments of something else.
        if (at == std::string::npos || at > 19) continue;
        std::string name = line.substr(at, line.find_first_of("(<[", at) - at);
        std::istringstream parts(name);
        for (std::string part; std::getline(parts, part, ':');)
            if (std::find(forbidden.begin(), forbidden.end(), part) != forbidden.end()) return part;
    }
    return "";
}

BuildProblem build_program(const Course& course, const Lesson& lesson, Program& program) {
    const std::string file = course.folder.file(lesson);
    if (!fs::exists(file))
        return {BuildProblem::Kind::missing, shown(course, lesson.file) + " is not there", "", ""};
    const std::string text = read_file(file);
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return {BuildProblem::Kind::empty,
                fmt::format("{} is empty (./gradus reset {} brings the stub back)",
                            shown(course, lesson.file), lesson.number),
                "", ""};
    const bool fast = lesson.fast;
    if (auto problem = compile(course, lesson, fast, program.warning)) return problem;
    if (auto problem = inspect(course, lesson, fast)) return problem;

    const Built& built = course.build.lessons.at(lesson.name);
    std::vector<std::string> objects = course.build.harness;
    append(objects, built.check);
    append(objects, built.answers);
    append(objects, built.install);
    objects.push_back(object_of(course, lesson, fast));
    // Earlier lessons: the learner's functions where they passed, else the library's own.
    const Progress progress = course.folder.progress();
    for (const auto& other : course.lessons) {
        const bool used =
            std::find(lesson.uses.begin(), lesson.uses.end(), other.number) != lesson.uses.end();
        const Built& parts = course.build.lessons.at(other.name);
        // One that puts nothing into the library, and that nobody asks for, makes no difference.
        if (other.number >= lesson.number || !(used || fs::exists(other.path("install.cpp"))))
            continue;
        std::string ignored;
        const bool own = course.folder.state(other, progress) == State::passed &&
                         !compile(course, other, fast, ignored);
        if (own) objects.push_back(object_of(course, other, fast));
        if (own || used) append(objects, parts.install);
        if (used) append(objects, parts.answers);
        (own ? program.own : program.built_in).push_back(other.number);
    }

    program.path = fmt::format("{}/{}/{}", course.build.work, lesson.name, lesson.name);
    std::vector<std::string> command = {course.build.compiler};
    append(command, learner_flags(course.build, fast));
    append(command, objects);
    append(command, course.build.libraries);
    append(command, {"-o", program.path});
    const Ended linked = run(command, {}, {{"LC_ALL", "C"}});
    if (linked.code != 0) return explain_linker(linked.err, lesson);
    return {};
}

}  // namespace gradus::lessons
