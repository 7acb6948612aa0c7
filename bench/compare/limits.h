// SPDX-License-Identifier: MIT
// The limits of the machine itself, measured on the spot: no program on it can be faster.
#pragma once

#include "bench/compare/turns.h"
#include "tensor/real.h"

namespace gradus::bench {

// Multiply-adds in registers, with the instruction set in use, on all threads() at once; a turn
// takes about `seconds`. Its work is counted in floating-point operations (two per multiply-add).
Contender multiply_add_peak(double seconds);

// Reads `bytes` of memory again and again, divided among the threads. Its work is counted in bytes.
Contender memory_reading(Index bytes, double seconds);

}  // namespace gradus::bench
