// SPDX-License-Identifier: MIT
#include "lessons/runner/compiler.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>

#include "lessons/runner/process.h"
#include "lessons/runner/progress.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// English messages, whatever the learner's language: explain.cpp parses them.
ProcessResult run_compiler(const std::vector<std::string>& command) {
    ProcessResult ended = run(command, {}, {{"LC_ALL", "C"}});
    if (ended.late) ended.err += "\nit did not finish within two minutes\n";
    if (ended.code == 127)
        throw MachineError("the compiler " + command[0] + " cannot be started: ./gradus doctor");
    if (ended.code != 0)
        if (const auto reason = machine_problem(ended.err); !reason.empty())
            throw MachineError(reason);
    return ended;
}

const std::vector<std::string>& flags(const BuildConfig& build, Flavour flavour) {
    if (flavour == Flavour::in_float) return build.float_flags;
    return flavour == Flavour::fast ? build.fast : build.watched;
}

// What a file holds, not when it was saved: a learner's file may come back with an older date (mv,
// a backup, git checkout). A precompiled header is too large to read again at every check; it comes
// from the build, and there the date is right.
std::string state_of(const std::string& file) {
    std::error_code error;
    const auto time = fs::last_write_time(file, error);
    if (error) return "gone";
    return file.ends_with(".gch") ? fmt::format("{}", time.time_since_epoch().count())
                                  : hash_of(read_file(file));
}

// One line for each file that the object was compiled from; "" if it is not known.
std::string states_of(const std::string& object) {
    std::string lines;
    for (const auto& file : dependencies(object)) lines += file + " " + state_of(file) + "\n";
    return lines;
}

// Whether one of the files has been saved since then.
bool saved_since(fs::file_time_type start, const std::string& object) {
    for (const auto& file : dependencies(object)) {
        std::error_code error;
        if (fs::last_write_time(file, error) >= start || error) return true;
    }
    return false;
}

// Built by the same command from files with the same contents.
bool up_to_date(const std::string& object, const std::string& command) {
    const std::string stamp = object + ".command";
    if (!fs::exists(object) || !fs::exists(stamp)) return false;
    const std::string states = states_of(object);
    return !states.empty() && read_file(stamp) == command + states;
}

}  // namespace

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

void make_folder(const std::string& path) {
    std::error_code error;
    fs::create_directories(path, error);
    if (error)
        throw MachineError(
            fmt::format("cannot make the folder {} ({}): choose another with GRADUS_COURSE_DIR",
                        path, error.message()));
}

std::vector<std::string> words_of_rule(const std::string& rule) {
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < rule.size(); ++i) {
        const char c = rule[i], next = i + 1 < rule.size() ? rule[i + 1] : '\n';
        if (c == '\\' && (next == ' ' || next == '#' || next == '\\' || next == '\n')) {
            if (next != '\n') words.back() += next;
            ++i;
        } else if (c == '$' && next == '$') {
            words.back() += '$';
            ++i;
        } else if (c == ' ' || c == '\n' || c == '\t') {
            if (!words.back().empty()) words.emplace_back();
        } else {
            words.back() += c;
        }
    }
    if (words.back().empty()) words.pop_back();
    return words;
}

std::vector<std::string> dependencies(const std::string& object) {
    if (!fs::exists(object + ".d")) return {};
    auto files = words_of_rule(read_file(object + ".d"));
    if (!files.empty()) files.erase(files.begin());  // "mine.o:"
    return files;
}

Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& more, const std::string& object) {
    make_folder(fs::path(object).parent_path().string());
    std::vector<std::string> command = {build.compiler};
    append(command, flags(build, flavour));
    append(command, more);
    append(command, {"-Wall", "-Wextra", "-Wno-unused-parameter", "-fdiagnostics-color=never",
                     "-fmax-errors=5", "-MMD", "-MF", object + ".d", "-c", source, "-o", object});
    std::string line;
    for (const auto& word : command) line += word + "\n";
    if (up_to_date(object, line)) return {true, read_file(object + ".messages")};
    fs::remove(object + ".command");
    const auto start = fs::file_time_type::clock::now();
    const ProcessResult ended = run_compiler(command);
    if (ended.code != 0) return {false, ended.err};
    write_file(object + ".messages", ended.err);
    // A file saved while the compiler ran may or may not be in the object: then it gets no stamp.
    const std::string states = states_of(object);
    if (!saved_since(start, object)) write_file(object + ".command", line + states);
    return {true, ended.err};
}

Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program) {
    std::vector<std::string> command = {build.compiler};
    append(command, flags(build, flavour));
    append(command, objects);
    append(command, flavour == Flavour::in_float ? build.float_libraries : build.libraries);
    append(command, {"-o", program});
    const ProcessResult ended = run_compiler(command);
    return {ended.code == 0, ended.err};
}

std::string machine_problem(const std::string& messages) {
    const auto says = [&](const char* words) { return messages.find(words) != std::string::npos; };
    if (says("No space left on device"))
        return "the disk is full: ./gradus clean frees what was built";
    if (says("virtual memory exhausted") || says("out of memory allocating") ||
        says("Cannot allocate memory") || says("Killed signal terminated program") ||
        says("LLVM ERROR: out of memory"))
        return "the compiler ran out of memory (ulimit -v, or too many programs?): ./gradus doctor";
    if (says("-lasan") || says("-lubsan") || says("libclang_rt") || says("libasan") ||
        says("libubsan") || says("argument to '-fsanitize=") || says("argument to ‘-fsanitize="))
        return "the compiler has no sanitizers here, and the check needs them: ./gradus doctor";
    if (says("Read-only file system") || says("cannot open output file") ||
        says("unable to open output file") || says("opening dependency file"))
        return "the compiler cannot write its output: choose another folder with GRADUS_COURSE_DIR";
    return "";
}

}  // namespace gradus::lessons
