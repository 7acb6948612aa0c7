// SPDX-License-Identifier: MIT
// The limits of the machine itself, as loops to be timed: no program on it computes or reads faster.
#pragma once

#include "tensor/tensor.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// Multiply-adds in registers, with the instruction set in use, `rounds` of them in each of 12 chains
// (24 on arm64), on all threads() at once. Returns the floating-point operations done, two per
// multiply-add.
double multiply_adds(Index rounds);

inline constexpr Index kReadMultiple = 1024;  // numbers: whole rounds of the loop at any width

// Reads x, a multiple of kReadMultiple numbers for each of the threads(), `times` times, each thread
// its own part of it. Returns the bytes read.
double read_memory(const Tensor& x, Index times);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
