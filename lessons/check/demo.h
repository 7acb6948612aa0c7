// SPDX-License-Identifier: MIT
// Included by a lesson's demo.cpp: part() and the stage.
#pragma once

#include "lessons/check/part.h"
#include "lessons/check/stage.h"

namespace gradus::GRADUS_LESSON {
using namespace gradus::lessons;
}
