// SPDX-License-Identifier: MIT
// Included by a lesson's check.cpp: doctest, part(), and comparisons that explain their failures.
#pragma once

#include <doctest/doctest.h>

#include "lessons/check/compare.h"
#include "lessons/check/part.h"

// The text of what is being checked, kept until that is known: should the learner's code throw
// there, it tells what was asked. (doctest knows it only if every CHECK has a catch of its own,
// which takes long to compile.)
#undef CHECK
#undef REQUIRE
#define CHECK(...)                           \
    do {                                     \
        gradus::lessons::asks(#__VA_ARGS__); \
        DOCTEST_CHECK(__VA_ARGS__);          \
        gradus::lessons::asks("");           \
    } while (false)
#define REQUIRE(...)                         \
    do {                                     \
        gradus::lessons::asks(#__VA_ARGS__); \
        DOCTEST_REQUIRE(__VA_ARGS__);        \
        gradus::lessons::asks("");           \
    } while (false)

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
