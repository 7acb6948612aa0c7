// SPDX-License-Identifier: MIT
// The defences that CMakeLists.txt gives our programs, as readelf sees them.
#include <doctest/doctest.h>

#include "tests/settings.h"
#include "tests/shell.h"
#include "tests/sources.h"
#include "tests/text.h"

using namespace gradus;

TEST_CASE(
    "programs are position-independent, and have full RELRO, no executable stack and guards") {
    if (kSanitized || shell("readelf --version").code != 0 ||
        shell("test $(uname) = Linux").code != 0) {
        MESSAGE("not checked: a sanitizer build, no readelf, or not Linux");
        return;
    }
    int programs = 0;
    for (const char* name : {"gradus-gpt", "gradus-course", "gradus-bench", "gradus-tests-tree"}) {
        const std::string path = std::string(GRADUS_BINARY_DIR "/bin/") + name;
        if (!std::filesystem::exists(path)) continue;
        ++programs;
        CAPTURE(name);
        const std::string headers = shell("readelf -hlW '" + path + "'").output;
        CHECK(contains(headers, "DYN (Position-Independent Executable file)"));
        CHECK(contains(headers, "GNU_RELRO"));
        const std::size_t stack = headers.find("GNU_STACK");
        REQUIRE(stack != headers.npos);
        const std::string flags = headers.substr(stack, headers.find('\n', stack) - stack);
        CHECK(contains(flags, " RW "));
        CHECK_FALSE(contains(flags, " RWE "));
        const std::string dynamic = shell("readelf -dW '" + path + "'").output;
        CHECK(contains(dynamic, "BIND_NOW"));
        const std::string symbols = shell("readelf -sW --dyn-syms '" + path + "'").output;
        CHECK(contains(symbols, "__stack_chk_fail"));
    }
    CHECK(programs >= 1);
}

TEST_CASE("the functions of the C library that check sizes are those that are called") {
    const std::string path = GRADUS_BINARY_DIR "/bin/gradus-gpt";
    if (kSanitized || !std::filesystem::exists(path) || shell("readelf --version").code != 0)
        return;
#if defined(NDEBUG) && defined(__linux__)
    CHECK(contains(shell("readelf -sW --dyn-syms '" + path + "'").output, "_chk@"));
#endif
}
