// SPDX-License-Identifier: MIT
// README.md is true: its links lead somewhere, its commands exist, its program is the one in
// examples/ and prints the output shown.
#include <doctest/doctest.h>
#include <gradus_paths.h>

#include <filesystem>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "nn/files/atomic_file.h"
#include "tests/shell.h"

namespace {

namespace fs = std::filesystem;

const fs::path kRoot = GRADUS_SOURCE_DIR;

std::string text_of(const fs::path& path) {
    return gradus::read_file(path.string());
}

std::string output_of(const std::string& command) {
    const gradus::ShellResult result = gradus::shell(command);
    CHECK(result.code == 0);
    return result.output;
}

struct Block {
    std::string language, text;
};

// The fenced blocks of a Markdown document.
std::vector<Block> blocks(const std::string& markdown) {
    std::vector<Block> list;
    std::istringstream lines(markdown);
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        if (line.rfind("```", 0) == 0) {
            inside = !inside;
            if (inside) list.push_back({line.substr(3), ""});
        } else if (inside) {
            list.back().text += line + "\n";
        }
    }
    CHECK_FALSE(inside);  // the last fence is closed
    return list;
}

std::set<std::string> matches(const std::string& text, const std::string& pattern) {
    std::set<std::string> found;
    const std::regex expression(pattern);
    for (std::sregex_iterator i(text.begin(), text.end(), expression), end; i != end; ++i)
        found.insert((*i)[1]);
    return found;
}

}  // namespace

TEST_CASE("relative links in the README.md of the tree, of lessons and of bench lead to files") {
    for (const std::string page : {"README.md", "lessons/README.md", "bench/README.md"}) {
        auto links = matches(text_of(kRoot / page), R"(\]\(([^)]+)\))");
        links.merge(matches(text_of(kRoot / page), "<img src=\"([^\"]+)\""));
        CHECK(links.size() >= 2);
        for (const std::string& link : links) {
            if (link.rfind("http", 0) == 0) continue;
            CAPTURE(page);
            CAPTURE(link);
            CHECK(fs::exists((kRoot / page).parent_path() / link.substr(0, link.find('#'))));
            if (link[0] != '#') continue;  // a heading of the same page, by GitHub's anchor
            std::string heading = "\n## " + link.substr(1) + "\n", text = text_of(kRoot / page);
            for (char& c : heading) c = c == '-' ? ' ' : c;
            for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            CHECK(text.find(heading) != std::string::npos);
        }
    }
}

TEST_CASE("the commands, options and examples that README.md names exist") {
    const std::string readme = text_of(kRoot / "README.md");
    const std::string script = text_of(kRoot / "gradus");
    const std::string known = (*matches(script, "\ncommands=\"([^\"]*)\"").begin()) + " ";
    const auto commands = matches(readme, R"(\./gradus ([a-z]+))");
    CHECK(commands.size() >= 6);
    for (const std::string& command : commands) {
        CAPTURE(command);
        CHECK((" " + known).find(" " + command + " ") != std::string::npos);
    }
    for (const std::string& example : matches(readme, R"(\./gradus example ([a-z_]+))")) {
        CAPTURE(example);
        CHECK(fs::exists(kRoot / "examples" / (example + ".cpp")));
    }
    const std::string program = std::string("'") + GRADUS_BINARY_DIR + "'/bin/gradus-gpt ";
    for (const std::string command : {"gpt", "chat", "sample", "look"}) {
        const std::string help = output_of(program + command + " --help");
        const auto lines = matches(readme, R"(\./gradus ()" + command + R"( [^\n`|]*))");
        for (const std::string& line : lines) {
            for (const std::string& option : matches(line, "(--[a-z-]+)")) {
                if (option == "--no-install") continue;  // the script's own
                CAPTURE(line);
                CHECK(help.find(option) != std::string::npos);
            }
        }
    }
}

TEST_CASE("the program in README.md is examples/readme.cpp, and prints the output shown below it") {
    const std::string file = text_of(kRoot / "examples/readme.cpp");
    const std::string program = file.substr(file.find("#include"));
    const auto all = blocks(text_of(kRoot / "README.md"));
    std::size_t at = 0;
    while (at < all.size() && all[at].text != program) ++at;
    REQUIRE(at + 1 < all.size());  // not found: the block and the file differ
    CHECK(all[at].language == "cpp");
    const std::string command = std::string("'") + GRADUS_BINARY_DIR + "'/bin/readme";
    CHECK(output_of(command) == all[at + 1].text);
}

TEST_CASE("the CMake lines in README.md are those of the project that tests the package") {
    const std::string project = text_of(kRoot / "tests/package/CMakeLists.txt");
    int compared = 0;
    for (const Block& block : blocks(text_of(kRoot / "README.md"))) {
        if (block.language != "cmake") continue;
        ++compared;
        CHECK(project.find(block.text) != std::string::npos);
    }
    CHECK(compared == 1);
}

TEST_CASE("every room of the tree is on README.md's map") {
    const std::string readme = text_of(kRoot / "README.md");
    for (const auto& entry : fs::directory_iterator(kRoot)) {
        const std::string name = entry.path().filename().string();
        const bool ours = fs::exists(entry.path() / "CMakeLists.txt") || name == "tensor" ||
                          name == "autograd" || name == "nn" || name == "lessons";
        if (!entry.is_directory() || !ours) continue;
        CAPTURE(name);
        CHECK(readme.find("\n" + name + "/ ") != std::string::npos);
    }
}
