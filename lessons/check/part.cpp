// SPDX-License-Identifier: MIT
#include "lessons/check/part.h"
