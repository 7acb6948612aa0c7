// SPDX-License-Identifier: MIT
// Rules that no compiler checks: which room may include which, what kernel files may include, and
// that their objects hold nothing that another file could end up calling.
#include <doctest/doctest.h>

#include <array>
#include <map>
#include <regex>
#include <set>
#include <sstream>

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

// The header that declares std::NAME, for the names that this library uses most.
const std::map<std::string, std::string>& standard_headers() {
    static const std::map<std::string, std::string> table = [] {
        const std::pair<const char*, const char*> lists[] = {
            {"algorithm",
             "all_of any_of none_of clamp copy copy_n count count_if equal fill fill_n find "
             "find_if generate is_sorted lower_bound upper_bound max_element min_element "
             "minmax_element mismatch nth_element partial_sort remove_if replace reverse rotate "
             "search shuffle sort stable_sort transform unique"},
            {"array", "array to_array"},
            {"atomic", "atomic atomic_bool"},
            {"bit", "bit_cast bit_width countl_zero countr_zero has_single_bit popcount"},
            {"charconv", "from_chars to_chars"},
            {"cmath",
             "isfinite isnan isinf sqrt exp log log2 tanh cos sin floor ceil lround pow round"},
            {"cstdint", "int8_t uint8_t int16_t uint16_t int32_t uint32_t int64_t uint64_t"},
            {"cstring", "memcpy memcmp memset memchr memmove strlen strerror"},
            {"deque", "deque"},
            {"filesystem", "filesystem"},
            {"fstream", "ifstream ofstream"},
            {"functional", "function"},
            {"limits", "numeric_limits"},
            {"map", "map multimap"},
            {"memory", "unique_ptr shared_ptr weak_ptr make_unique make_shared"},
            {"mutex", "mutex lock_guard unique_lock scoped_lock"},
            {"numeric", "accumulate iota gcd"},
            {"optional", "optional nullopt"},
            {"set", "set"},
            {"span", "span"},
            {"sstream", "istringstream ostringstream"},
            {"stdexcept", "invalid_argument runtime_error logic_error out_of_range length_error"},
            {"string", "string to_string u32string stoi stod"},
            {"string_view", "string_view u32string_view"},
            {"thread", "thread jthread"},
            {"tuple", "tuple tie"},
            {"unordered_map", "unordered_map"},
            {"unordered_set", "unordered_set"},
            {"variant", "variant visit get_if holds_alternative monostate"},
            {"vector", "vector"}};
        std::map<std::string, std::string> result;
        for (const auto& [header, names] : lists) {
            std::istringstream words(names);
            for (std::string name; words >> name;) result[name] = header;
        }
        return result;
    }();
    return table;
}

// The headers from outside that a file includes, itself or through files of the tree.
std::set<std::string> outside_headers(const std::filesystem::path& path) {
    static std::map<std::string, std::set<std::string>> known;
    const auto [entry, fresh] = known.try_emplace(path.string());
    if (!fresh) return entry->second;
    std::set<std::string> all;
    for (const auto& header : includes(path, '<', '>')) all.insert(header);
    for (const auto& include : quoted_includes(path)) {
        const auto ours = include.find('/') == std::string::npos
                              ? path.parent_path() / include
                              : std::filesystem::path(GRADUS_SOURCE_DIR) / include;
        all.merge(outside_headers(ours));
    }
    return known[path.string()] = all;
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

// .ci/run reads the standard library once for all files, so a compiler there would not notice.
TEST_CASE("every file of the library includes the standard headers of the names that it uses") {
    int uses = 0;
    const std::regex name("\\bstd::([a-z_0-9]+)"), comment("//[^\n]*");
    for (const char* room : {"tensor", "autograd", "nn"}) {
        for (const auto& path : source_files(room)) {
            if (path.extension() == ".inc") continue;  // part of a file that includes for it
            CAPTURE(path.string());
            const std::string text = std::regex_replace(source_text(path), comment, "");
            const std::set<std::string> included = outside_headers(path);
            std::set<std::string> used;
            for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at)
                used.insert((*at)[1]);
            for (const auto& word : used) {
                const auto header = standard_headers().find(word);
                if (header == standard_headers().end()) continue;
                ++uses;
                CHECK_MESSAGE(included.count(header->second) == 1,
                              "std::" << word << " without <" << header->second << ">");
            }
            for (const char* library : {"fmt", "nlohmann"})
                if (text.find(std::string(library) + "::") != text.npos)
                    CHECK_MESSAGE(std::any_of(included.begin(), included.end(),
                                              [&](const std::string& header) {
                                                  return header.find(library) == 0;
                                              }),
                                  library << ":: without a header of it");
        }
    }
    CHECK(uses > 1000);
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
