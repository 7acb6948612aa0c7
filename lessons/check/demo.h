// SPDX-License-Identifier: MIT
// What a lesson's demo.cpp includes.
#pragma once

#include "lessons/check/part.h"
#include "lessons/check/stage.h"

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
