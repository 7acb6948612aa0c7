// SPDX-License-Identifier: MIT
#include "lessons/runner/compiler.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "lessons/runner/process.h"
#include "nn/files/atomic_file.h"

namespace gradus::lessons {
namespace {

namespace fs = std::filesystem;

// English messages, whatever the learner's language: explain.cpp parses them.
ProcessResult run_compiler(const std::vector<std::string>& command) {
    ProcessResult ended = run(command, {}, {{"LC_ALL", "C"}});
    if (ended.late) ended.err += "\nit did not finish within two minutes\n";
    return ended;
}

const std::vector<std::string>& flags(const BuildConfig& build, Flavour flavour) {
    return flavour == Flavour::fast ? build.fast : build.watched;
}

// Built by the same command, and none of its dependencies is newer.
bool up_to_date(const std::string& object, const std::string& command) {
    const std::string stamp = object + ".command";
    if (!fs::exists(object) || !fs::exists(stamp) || read_file(stamp) != command) return false;
    const auto made = fs::last_write_time(object);
    const auto files = dependencies(object);
    return !files.empty() && std::all_of(files.begin(), files.end(), [&](const auto& file) {
        std::error_code error;
        const auto time = fs::last_write_time(file, error);
        return !error && time < made;
    });
}

}  // namespace

void append(std::vector<std::string>& all, const std::vector<std::string>& more) {
    all.insert(all.end(), more.begin(), more.end());
}

std::vector<std::string> dependencies(const std::string& object) {
    std::vector<std::string> files;
    if (!fs::exists(object + ".d")) return files;
    std::istringstream in(read_file(object + ".d"));
    std::string word;
    in >> word;  // "mine.o:"
    while (in >> word)
        if (word != "\\") files.push_back(word);
    return files;
}

Compiled compile(const BuildConfig& build, Flavour flavour, const std::string& source,
                 const std::vector<std::string>& definitions, const std::string& object) {
    fs::create_directories(fs::path(object).parent_path());
    std::vector<std::string> command = {build.compiler};
    append(command, flags(build, flavour));
    append(command, definitions);
    append(command, {"-Wall", "-Wextra", "-Wno-unused-parameter", "-fdiagnostics-color=never",
                     "-fmax-errors=5", "-MMD", "-MF", object + ".d", "-c", source, "-o", object});
    std::string line;
    for (const auto& word : command) line += word + "\n";
    if (up_to_date(object, line)) return {true, read_file(object + ".messages")};
    fs::remove(object + ".command");
    const ProcessResult ended = run_compiler(command);
    if (ended.code != 0) return {false, ended.err};
    write_file(object + ".messages", ended.err);
    write_file(object + ".command", line);
    return {true, ended.err};
}

Compiled link(const BuildConfig& build, Flavour flavour, const std::vector<std::string>& objects,
              const std::string& program) {
    std::vector<std::string> command = {build.compiler};
    append(command, flags(build, flavour));
    append(command, objects);
    append(command, build.libraries);
    append(command, {"-o", program});
    const ProcessResult ended = run_compiler(command);
    return {ended.code == 0, ended.err};
}

}  // namespace gradus::lessons
