// SPDX-License-Identifier: MIT
// What a lesson's check.cpp includes: doctest, part(), and comparisons that fail with words.
#pragma once

#include <doctest/doctest.h>

#include "lessons/check/compare.h"
#include "lessons/check/part.h"

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
