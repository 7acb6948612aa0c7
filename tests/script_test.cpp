// SPDX-License-Identifier: MIT
// The script `gradus` as a newcomer meets it: its help, its answer to a wrong word, and what it
// would install on other machines, imitated by a PATH with few programs.
#include <doctest/doctest.h>
#include <gradus_paths.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/shell.h"
#include "tests/text.h"

using gradus::contains;
using gradus::ShellResult;

namespace {

namespace fs = std::filesystem;

const std::string kScript = std::string("'") + GRADUS_SOURCE_DIR + "/gradus'";

ShellResult run(const std::string& command) {
    const std::string clean = "unset CXX CMAKE_PREFIX_PATH GRADUS_PRESET GRADUS_BUILD_DIR; ";
    return gradus::shell(clean + "( " + command + " )");
}

// A folder that is removed after the test.
class ScriptFolder {
 public:
    ScriptFolder()
        : path_(fs::temp_directory_path() / ("gradus script " + std::to_string(getpid()))) {
        fs::remove_all(path_);
        fs::create_directories(path_);
    }
    ~ScriptFolder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

    // An executable shell script.
    void program(const std::string& name, const std::string& body) const {
        std::ofstream(path_ / name) << "#!/bin/sh\n" << body << "\n";
        fs::permissions(path_ / name, fs::perms::owner_all);
    }

    // A PATH that holds these programs and what the script itself needs, but no compiler.
    std::string bare_path() const {
        for (const std::string tool : {"bash", "sed", "grep", "tail", "readlink", "dirname"}) {
            const ShellResult where = run("command -v " + tool);
            fs::create_symlink(where.output.substr(0, where.output.find('\n')), path_ / tool);
        }
        return "PATH='" + path_.string() + "' ";
    }

 private:
    fs::path path_;
};

}  // namespace

TEST_CASE("the help names every command, fits 40 columns and holds no escape codes") {
    const ShellResult help = run(kScript);
    CHECK(help.code == 0);
    CHECK(run(kScript + " --help").output == help.output);
    std::istringstream lines(help.output);
    for (std::string line; std::getline(lines, line);) {
        CAPTURE(line);
        CHECK(line.size() <= 40);
        CHECK_FALSE(contains(line, "\x1b"));
    }
    for (const std::string command :
         {"gpt", "chat", "sample", "look", "tokenize", "example", "test", "bench", "clean"}) {
        CAPTURE(command);
        CHECK(contains(help.output, "./gradus " + command));
    }
}

TEST_CASE("an unknown command gets one line, the nearest known one, and exit code 2") {
    const ShellResult near = run(kScript + " tset");
    CHECK(near.code == 2);
    CHECK(near.output == "gradus: unknown command \"tset\": did you mean \"test\"?\n");
    for (const auto& [word, known] : {std::pair{"strat", "start"}, {"gtp", "gpt"}, {"h", "hint"}})
        CHECK(contains(run(kScript + " " + word).output, "did you mean \"" + std::string(known)));
    const ShellResult far = run(kScript + " quetzalcoatl");
    CHECK(far.code == 2);
    CHECK(contains(far.output, "known are: gpt chat sample"));
}

TEST_CASE("a word for ./gradus test that no room, file or test has is refused with the rooms") {
    const ShellResult result = run(kScript + " test quetzalcoatl");
    CHECK(result.code == 2);
    CHECK(contains(result.output, "is called \"quetzalcoatl\"; the rooms are: tensor autograd nn"));
}

TEST_CASE("the script is found through a link, from a folder with a space in its name") {
    const ScriptFolder folder;
    fs::create_symlink(std::string(GRADUS_SOURCE_DIR) + "/gradus", folder / "a link");
    fs::create_symlink("a link", folder / "second");
    const ShellResult linked = run("cd /; '" + (folder / "second") + "' example");
    CHECK(linked.code == 0);
    CHECK(linked.output == run(kScript + " example").output);
}

TEST_CASE("a folder that is not a build of gradus is not deleted") {
    const ScriptFolder folder;
    const ShellResult clean = run("GRADUS_BUILD_DIR='" + (folder / "") + "' " + kScript + " clean");
    CHECK(clean.code == 2);
    CHECK(contains(clean.output, "nothing was deleted"));
    CHECK(fs::exists(folder / ""));
}

#ifdef __linux__

TEST_CASE("on a machine with apt and no compiler the whole command is printed") {
    const ScriptFolder folder;
    folder.program("apt-get", "exit 1");
    folder.program("apt-cache",
                   "shift; for p; do echo \"$p:\"; echo '  Candidate: 4:12.2.0-3'; done");
    const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
    CHECK(result.code == 2);
    CHECK(contains(result.output, "this is missing: compiler cmake ninja"));
    CHECK(contains(result.output,
                   "apt-get install -y --no-install-recommends g++ cmake ninja-build"));
    CHECK_FALSE(contains(result.output, "apt-get update"));
}

TEST_CASE("apt's lists are fetched first if they lack a package") {
    const ScriptFolder folder;
    folder.program("apt-get", "exit 1");
    folder.program("apt-cache", "exit 0");
    const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
    CHECK(result.code == 2);
    CHECK(contains(result.output, "apt-get update"));
}

TEST_CASE("if g++ is version 11, as on Ubuntu 22.04, g++-12 is requested") {
    const ScriptFolder folder;
    folder.program("apt-get", "exit 1");
    folder.program("apt-cache",
                   "shift; for p; do echo \"$p:\"; echo '  Candidate: 4:11.2.0-1ubuntu1'; done");
    const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
    CHECK(result.code == 2);
    CHECK(contains(result.output, " g++-12 cmake"));
}

TEST_CASE(
    "other package managers get their own names, and a machine without one a plain sentence") {
    {
        const ScriptFolder folder;
        folder.program("dnf", "exit 1");
        const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
        CHECK(contains(result.output, "dnf install -y gcc-c++ cmake ninja-build"));
    }
    {
        const ScriptFolder folder;
        folder.program("pacman", "exit 1");
        const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
        CHECK(contains(result.output, "pacman -S --needed --noconfirm gcc cmake ninja"));
    }
    const ScriptFolder folder;
    const ShellResult result = run(folder.bare_path() + kScript + " --no-install");
    CHECK(result.code == 2);
    CHECK(contains(result.output, "this system's package manager"));
}

#endif
