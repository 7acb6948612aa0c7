// SPDX-License-Identifier: MIT
// The test programs' main(): doctest's own. ./gradus test --help lists what it understands.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
