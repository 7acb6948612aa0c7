// SPDX-License-Identifier: MIT
// Included by a lesson's check.cpp: doctest, part(), and comparisons that explain their failures.
#pragma once

#include <doctest/doctest.h>

#include "lessons/check/compare.h"
#include "lessons/check/part.h"

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
