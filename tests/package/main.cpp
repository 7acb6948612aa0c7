// SPDX-License-Identifier: MIT
// What a project outside this tree writes: the headers by their rooms, and the same numbers.
#include "tensor/random.h"
#include "tensor/real.h"

#include <cstdio>

int main() { std::printf("a number of gradus has %zu bytes\n", sizeof(gradus::Real)); }
