// SPDX-License-Identifier: MIT
// Rules that no compiler checks: which room may include which, what kernel files may include, and
// that their objects hold nothing that another file could end up calling.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <regex>

#include "tests/settings.h"
#include "tests/shell.h"
#include "tests/sources.h"

using namespace gradus;

namespace {

// The headers that a file includes between `open` and `close`: quotation marks or angle brackets.
std::vector<std::string> includes(const std::filesystem::path& path, char open, char close) {
    std::vector<std::string> list;
    std::istringstream text(source_text(path));
    for (std::string line; std::getline(text, line);) {
        const auto hash = line.find_first_not_of(" \t");
        if (hash == std::string::npos || line[hash] != '#') continue;
        const auto word = line.find_first_not_of(" \t", hash + 1);
        if (word == std::string::npos || line.compare(word, 7, "include") != 0) continue;
        const auto begin = line.find(open, word);
        if (begin == std::string::npos) continue;
        const auto end = line.find(close, begin + 1);
        if (end != std::string::npos) list.push_back(line.substr(begin + 1, end - begin - 1));
    }
    return list;
}
std::vector<std::string> quoted_includes(const std::filesystem::path& path) {
    return includes(path, '"', '"');
}

// A room may include itself and rooms of a lower level.
const std::map<std::string, int>& levels() {
    static const std::map<std::string, int> table = {
        {"tensor", 0}, {"autograd", 1}, {"nn", 2},   {"examples", 3},
        {"bench", 3},  {"lessons", 4},  {"tests", 5}};
    return table;
}

}  // namespace

TEST_CASE("includes point down: tensor, autograd, nn, examples, then lessons") {
    int files = 0;
    for (const auto& [room, level] : levels()) {
        for (const auto& path : source_files(room)) {
            if (path.filename() == "headers_0_1.cpp") continue;  // of the installed package
            ++files;
            for (const auto& include : quoted_includes(path)) {
                CAPTURE(path.string());
                CAPTURE(include);
                if (include.find('/') == std::string::npos) {  // a neighbour in the same folder
                    CHECK(std::filesystem::exists(path.parent_path() / include));
                    continue;
                }
                const std::string other = include.substr(0, include.find('/'));
                CHECK(levels().count(other) == 1);  // all others start at the root of the tree
                if (levels().count(other) == 0) continue;
                CHECK(levels().at(other) <= level);
                CHECK((levels().at(other) < level || other == room));
                CHECK(std::filesystem::exists(std::filesystem::path(GRADUS_SOURCE_DIR) / include));
            }
        }
    }
    CHECK(files > 60);
}

// The floors inside nn, lowest first; module.h and loss.h are below them all. A folder may include
// itself and those listed before it.
const std::vector<std::string>& floors() {
    static const std::vector<std::string> list = {"text",     "tokenizers", "files",    "data",
                                                  "layers",   "models",     "generate", "train",
                                                  "terminal", "plot",       "look",     "run"};
    return list;
}

// The floor of a path like "nn/text/utf8.h"; -1 for a file directly in nn.
int floor_of(const std::string& path) {
    const auto begin = path.find("nn/") + 3, end = path.find('/', begin);
    if (end == std::string::npos) return -1;
    const auto at = std::find(floors().begin(), floors().end(), path.substr(begin, end - begin));
    REQUIRE_MESSAGE(at != floors().end(), path << " is on no floor of nn: add it to floors()");
    return static_cast<int>(at - floors().begin());
}

TEST_CASE("includes point down inside nn: from text to run") {
    int arrows = 0;
    for (const auto& path : source_files("nn")) {
        const std::string name = std::filesystem::relative(path, GRADUS_SOURCE_DIR).string();
        if (name == "nn/all.h") continue;  // the umbrella over every floor
        for (const auto& include : quoted_includes(path)) {
            if (include.rfind("nn/", 0) != 0) continue;
            CAPTURE(name);
            CAPTURE(include);
            CHECK(floor_of(include) <= floor_of(name));
            ++arrows;
        }
    }
    CHECK(arrows > 100);
}

// Two types of one name in one namespace are undefined behaviour wherever both are linked: the inline
// functions of one are called for the other. No compiler sees it, and optimised code may hide it.
TEST_CASE("no type has the name of another in its namespace") {
    std::map<std::string, std::string> homes;  // "gradus::bench Display" -> its file
    for (const std::string room : {"tensor", "autograd", "nn", "examples", "bench", "lessons"}) {
        for (const auto& path : source_files(room)) {
            const std::string name = std::filesystem::relative(path, GRADUS_SOURCE_DIR).string();
            if (name.find("solution.h") != name.npos || name.find("stub.h") != name.npos) continue;
            static const std::regex space(R"(^(?:inline )?namespace ([\w:]+) \{)");
            static const std::regex type(R"(^(?:struct|class|enum class) ([\w:]+)[^;(]*\{)");
            std::string current;
            bool is_private = false;  // in an anonymous namespace
            std::istringstream text(source_text(path));
            std::smatch found;
            for (std::string line; std::getline(text, line);) {
                if (line == "namespace {") is_private = true;
                if (line == "}  // namespace") is_private = false;
                if (std::regex_search(line, found, space)) current = found[1];
                if (is_private || !std::regex_search(line, found, type)) continue;
                const std::string key = current + " " + found[1].str();
                const std::string& home = homes.emplace(key, name).first->second;
                CHECK_MESSAGE(home == name, key << " is defined in " << home << " and in " << name);
            }
        }
    }
    CHECK(homes.size() > 200);
}

TEST_CASE("all.h of a room includes every header of the room") {
    for (const std::string room : {"tensor", "autograd", "nn"}) {
        const auto included =
            quoted_includes(std::filesystem::path(GRADUS_SOURCE_DIR) / room / "all.h");
        for (const auto& path : source_files(room)) {
            const std::string name = std::filesystem::relative(path, GRADUS_SOURCE_DIR).string();
            const bool internal = name.find("/kernels/") != name.npos ||
                                  name.find("_parts.h") != name.npos || name == room + "/all.h";
            if (path.extension() != ".h" || internal) continue;
            CAPTURE(name);
            CHECK(std::find(included.begin(), included.end(), name) != included.end());
        }
    }
}

TEST_CASE("kernel sources include nothing that holds an inline function of the library") {
    const auto check_system_headers = [](const std::filesystem::path& path) {
        for (const auto& header : includes(path, '<', '>')) {
            CAPTURE(path.string());
            CAPTURE(header);  // types only; intrinsics are always inlined
            CHECK((header == "cstdint" || header == "cstddef" || header == "immintrin.h" ||
                   header == "arm_neon.h"));
        }
    };
    const std::array<std::string, 11> allowed = {"tensor/bf16_unit.h",
                                                 "tensor/dropout_mask.h",
                                                 "tensor/half.h",
                                                 "tensor/int8_block.h",
                                                 "tensor/kept_vectors.h",
                                                 "tensor/memory.h",
                                                 "tensor/attention_shape.h",
                                                 "tensor/operand.h",
                                                 "tensor/parallel.h",
                                                 "tensor/real.h",
                                                 "tensor/ops.inc"};
    for (const auto& header : allowed)
        check_system_headers(std::filesystem::path(GRADUS_SOURCE_DIR) / header);
    int files = 0;
    for (const auto& path : source_files("tensor/kernels")) {
        ++files;
        check_system_headers(path);
        for (const auto& include : quoted_includes(path)) {
            CAPTURE(path.string());
            CAPTURE(include);
            CHECK((include.rfind("tensor/kernels/", 0) == 0 ||
                   std::find(allowed.begin(), allowed.end(), include) != allowed.end()));
        }
    }
    CHECK(files >= 8);
}

TEST_CASE("every source begins with its licence") {
    for (const auto& [room, level] : levels()) {
        for (const auto& path : source_files(room)) {
            CAPTURE(path.string());
            CHECK(source_text(path).rfind("// SPDX-License-Identifier: MIT\n", 0) == 0);
        }
    }
}

TEST_CASE("headers are guarded by #pragma once") {
    for (const auto& [room, level] : levels()) {
        for (const auto& path : source_files(room)) {
            if (path.extension() != ".h") continue;
            CAPTURE(path.string());
            CHECK(source_text(path).find("\n#pragma once\n") != std::string::npos);
        }
    }
}

TEST_CASE(
    "kernel objects hold no weak symbol, so none of their code can be linked into another file's "
    "place") {
    if (kSanitized) {
        MESSAGE("sanitizers add weak symbols of their own: not checked in this build");
        return;
    }
    if (shell("nm --version").code != 0) {
        MESSAGE("nm is not installed: not checked");
        return;
    }
    int objects = 0, functions = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(GRADUS_BINARY_DIR)) {
        const std::string path = entry.path().string();
        if (entry.path().extension() != ".o" || path.find("gradus_kernels_") == std::string::npos)
            continue;
        ++objects;
        std::istringstream symbols(shell("nm -P '" + path + "'").output);
        for (std::string line; std::getline(symbols, line);) {  // "name type value size"
            std::istringstream fields(line);
            std::string name;
            char type = 0;
            fields >> name >> type;
            functions += type == 'T';
            if (type != 'W' && type != 'w' && type != 'V' && type != 'v' && type != 'u') continue;
            CAPTURE(path);
            FAIL_CHECK("weak symbol " << name);
        }
    }
    CHECK(objects > 0);
    CHECK(functions >= 42);  // at least one set of everything in tensor/ops.inc
}
