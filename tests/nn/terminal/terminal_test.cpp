// SPDX-License-Identifier: MIT
#include "nn/terminal/terminal.h"

#include <doctest/doctest.h>

#include <map>

using namespace gradus;

namespace {

TerminalCapabilities abilities(const std::map<std::string, std::string>& variables,
                               bool is_terminal = true, bool plain = false, bool ascii = false) {
    return terminal_capabilities(plain, ascii, is_terminal, [&](const char* name) {
        const auto found = variables.find(name);
        return found == variables.end() ? nullptr : found->second.c_str();
    });
}

}  // namespace

TEST_CASE("the display is live in a terminal that is not dumb, unless plain lines are wanted") {
    CHECK(abilities({{"TERM", "xterm"}}).live);
    CHECK_FALSE(abilities({{"TERM", "dumb"}}).live);
    CHECK_FALSE(abilities({}).live);
    CHECK_FALSE(abilities({{"TERM", "xterm"}}, false).live);
    CHECK_FALSE(abilities({{"TERM", "xterm"}}, true, true).live);
}

TEST_CASE("NO_COLOR removes colour only, FORCE_COLOR adds colour only") {
    CHECK(abilities({{"TERM", "xterm"}}).colour);
    CHECK(abilities({{"TERM", "xterm"}, {"NO_COLOR", ""}}).colour);
    CHECK_FALSE(abilities({{"TERM", "xterm"}, {"NO_COLOR", "1"}}).colour);
    CHECK(abilities({{"TERM", "xterm"}, {"NO_COLOR", "1"}}).live);
    CHECK_FALSE(abilities({{"TERM", "xterm"}}, false).colour);
    CHECK(abilities({{"TERM", "xterm"}, {"FORCE_COLOR", "1"}}, false).colour);
    CHECK_FALSE(abilities({{"TERM", "xterm"}, {"FORCE_COLOR", "1"}}, false).live);
    CHECK_FALSE(abilities({{"TERM", "xterm"}, {"FORCE_COLOR", "0"}}, false).colour);
    CHECK_FALSE(abilities({{"FORCE_COLOR", "1"}, {"NO_COLOR", "1"}}, false).colour);
}

TEST_CASE("the first locale variable that is set decides whether Unicode is used") {
    CHECK(abilities({{"LANG", "de_DE.UTF-8"}}).unicode);
    CHECK(abilities({{"LANG", "C.utf8"}}).unicode);
    CHECK_FALSE(abilities({{"LANG", "C"}}).unicode);
    CHECK_FALSE(abilities({}).unicode);
    CHECK_FALSE(abilities({{"LC_ALL", "C"}, {"LANG", "en_US.UTF-8"}}).unicode);
    CHECK(abilities({{"LC_ALL", ""}, {"LC_CTYPE", "en_US.UTF-8"}, {"LANG", "C"}}).unicode);
    CHECK_FALSE(abilities({{"LANG", "C.UTF-8"}}, true, false, true).unicode);
}
