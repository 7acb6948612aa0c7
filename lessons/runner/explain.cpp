// SPDX-License-Identifier: MIT
#include "lessons/runner/explain.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <set>
#include <sstream>

#include "lessons/runner/plain_words.h"
#include "lessons/runner/text.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// One message of g++ or clang++.
struct Message {
    std::string file, words;
    std::size_t line;
    bool is_warning;
};

std::vector<Message> messages_of(const std::string& text) {
    static const std::regex form(R"(^(.+?):(\d+):(?:(\d+):)? (fatal error|error|warning): (.*)$)");
    std::vector<Message> messages;
    for (const auto& line : lines_of(text)) {
        std::smatch found;
        if (!std::regex_match(line, found, form)) continue;
        std::string words = found[5];
        if (const auto flag = words.rfind(" [-W"); flag != std::string::npos) words.resize(flag);
        messages.push_back({found[1], words, std::stoul(found[2]), found[4] == "warning"});
    }
    return messages;
}

std::string main_of_its_own(const std::string& file) {
    return file +
           " has an int main of its own: remove it. The check brings one, and calls your functions "
           "from there";
}

// A line of nm -C: "                 U gradus::f64::ops()" is an address, a letter and a name.
struct Symbol {
    char letter;  // U: used here and defined elsewhere; W: maybe elsewhere, too; T, D, B: here
    std::string name;
};

std::vector<Symbol> symbols_of(const std::string& text) {
    std::vector<Symbol> symbols;
    for (const auto& line : lines_of(text))
        if (line.size() > 19) symbols.push_back({line[17], line.substr(19)});
    return symbols;
}

// Functions of the system and of C++ that reach files or other programs.
bool reaches_outside(const Symbol& symbol) {
    static const std::set<std::string> names = {
        "open",     "open64",    "openat", "openat64", "creat",           "creat64", "fopen",
        "fopen64",  "freopen",   "rename", "renameat", "unlink",          "remove",  "rmdir",
        "truncate", "ftruncate", "link",   "symlink",  "system",          "popen",   "fork",
        "vfork",    "execve",    "execv",  "execvp",   "execl",           "execlp",  "posix_spawn",
        "ptrace",   "syscall",   "dlopen", "dlsym",    "process_vm_readv"};
    if (names.count(symbol.name) != 0) return true;
    for (const char* start :
         {"std::basic_ofstream<", "std::basic_ifstream<", "std::basic_fstream<",
          "std::basic_filebuf<", "std::filesystem::", "gradus::read_file", "gradus::write_file",
          "gradus::AtomicFile", "gradus::run_process", "gradus::start_program"})
        if (symbol.name.starts_with(start)) return true;
    return false;
}

}  // namespace

std::string line_of_file(const std::string& path, std::size_t number) {
    if (!fs::exists(path)) return "";
    const auto lines = lines_of(read_file(path));
    return number >= 1 && number <= lines.size() ? lines[number - 1] : "";
}

std::string shown(const Course& course, const std::string& path) {
    const fs::path folder = course.folder.path();
    const auto name = fs::path(path).filename().string();
    return (folder.filename() / name).string();
}

std::string first_warning(const std::string& messages, const Lesson& lesson) {
    for (const auto& message : messages_of(messages))
        if (message.is_warning && message.file.ends_with(lesson.file))
            return fmt::format("line {}: {}", message.line, plain_words(message.words, ""));
    return "";
}

BuildProblem explain_compiler(const std::string& text, const Course& course, const Lesson& lesson) {
    const auto all = messages_of(text);
    std::vector<Message> errors;
    std::copy_if(all.begin(), all.end(), std::back_inserter(errors),
                 [](const Message& m) { return !m.is_warning; });
    if (errors.empty())
        return {VerdictKind::compile, "the compiler failed without naming a line", "", text};

    for (const auto& error : errors) {
        if (!error.file.ends_with(lesson.file)) continue;
        const std::string line = line_of_file(course.folder.file(lesson), error.line);
        return {VerdictKind::compile,
                fmt::format("{}, line {}: {}", shown(course, lesson.file), error.line,
                            plain_words(error.words, line)),
                line, text};
    }
    // Not in the learner's file: usually where the functions are looked up by name.
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
            return {VerdictKind::contract,
                    fmt::format("{} has no function {} in namespace mine (./gradus reset {} brings "
                                "the stub back and keeps your file under another name)",
                                shown(course, lesson.file), name, lesson.number),
                    "", text};
        }
        if (error.words.find("mine") != std::string::npos &&
            error.words.find("namespace") != std::string::npos)
            return {VerdictKind::contract,
                    fmt::format("{} has no namespace mine: your functions belong in it",
                                shown(course, lesson.file)),
                    "", text};
    }
    // Parameters that differ from the stub's: the cast in enter_mine.inc, expanded for a line of
    // part.inc, fails.
    static const std::regex line_of_part("part\\.inc:(\\d+):");
    std::smatch at;
    if (std::regex_search(text, at, line_of_part)) {
        const std::string line = line_of_file(lesson.path("part.inc"), std::stoul(at[1]));
        for (const auto& name : lesson.functions)
            if (line.find(" " + name + ",") != std::string::npos)
                return {VerdictKind::contract,
                        fmt::format(
                            "{}: {} has other parameters or another return type than the "
                            "stub: {}",
                            shown(course, lesson.file), name,
                            line.substr(line.find('(') + 1, line.rfind(')') - line.find('(') - 1)),
                        "", text};
    }
    return {VerdictKind::compile,
            fmt::format("{}, line {}: {}", errors[0].file, errors[0].line, errors[0].words), "",
            text};
}

BuildProblem explain_linker(const std::string& messages, const Lesson& lesson) {
    static const std::regex undefined("undefined reference to [`'](.+?)'");
    static const std::regex twice("multiple definition of [`'](.+?)'");
    std::smatch found;
    if (std::regex_search(messages, found, twice) && found[1] == "main")
        return {VerdictKind::link, main_of_its_own(lesson.file), "", messages};
    // Not the learner's fault: the course is half rebuilt, or is being built in another window.
    if (messages.find("file format not recognized") != std::string::npos ||
        (std::regex_search(messages, found, undefined) && found[1].str().starts_with("gradus::")))
        return {VerdictKind::link,
                "the course itself does not fit together: is it being built in another window? "
                "(./gradus list builds it)",
                "", messages};
    if (std::regex_search(messages, found, undefined))
        return {VerdictKind::link,
                fmt::format("{} calls {}, which is declared but not defined anywhere", lesson.file,
                            found[1].str()),
                "", messages};
    if (std::regex_search(messages, found, twice))
        return {VerdictKind::link,
                fmt::format("{} is defined twice: write inline before it", found[1].str()), "",
                messages};
    return {VerdictKind::link, "the linker could not join your file to the check", "", messages};
}

BuildProblem explain_symbols(const std::string& symbols, const Course& course,
                             const Lesson& lesson) {
    const std::string file = shown(course, lesson.file);
    const auto refused = [](VerdictKind kind, const std::string& sentence) {
        return BuildProblem{kind, sentence, "", ""};
    };
    for (const auto& symbol : symbols_of(symbols)) {
        const bool here = std::string("TDBR").find(symbol.letter) != std::string::npos;
        if (symbol.name == "main" && here) return refused(VerdictKind::link, main_of_its_own(file));
        if (symbol.name.starts_with("answer_") ||
            symbol.name.starts_with("gradus::lessons::answers"))
            return refused(VerdictKind::calls,
                           file + " calls the course's own answers: write your own code instead");
        if (here && (symbol.name.starts_with("gradus::") || symbol.name.starts_with("doctest::")))
            return refused(VerdictKind::calls,
                           fmt::format("{} defines {}, which belongs to the course: your functions "
                                       "go into namespace mine",
                                       file, symbol.name.substr(0, symbol.name.find('('))));
        if (reaches_outside(symbol))
            return refused(
                VerdictKind::calls,
                fmt::format("{} uses {}: a lesson's functions need no files and "
                            "no other programs, only their arguments",
                            file, symbol.name.substr(0, symbol.name.find_first_of("<("))));
    }
    return {};
}

std::string forbidden_symbol(const std::string& symbols, const Lesson& lesson) {
    std::vector<std::string> forbidden = lesson.functions;
    forbidden.insert(forbidden.end(), lesson.forbidden.begin(), lesson.forbidden.end());
    forbidden.insert(forbidden.end(), {"ops", "naive"});
    for (const auto& line : lines_of(symbols)) {
        const std::size_t at = line.find("gradus::");
        // "                 U gradus::f64::ops()": address, letter, name. A name further right
        // belongs to another function's arguments.
        if (at == std::string::npos || at > 19) continue;
        std::string name = line.substr(at, line.find_first_of("(<[", at) - at);
        std::istringstream parts(name);
        for (std::string part; std::getline(parts, part, ':');)
            if (std::find(forbidden.begin(), forbidden.end(), part) != forbidden.end()) return part;
    }
    return "";
}

}  // namespace gradus::lessons
