// SPDX-License-Identifier: MIT
// What nearly every learner's file includes, one way or another: compiled once, in the cold build,
// so that a save does not wait for it (0.5 s instead of 1.2 s for a small file, Zen 3). Nothing
// that is the answer to a lesson may stand here.
#pragma once

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "autograd/variable.h"
#include "lessons/check/function.h"
