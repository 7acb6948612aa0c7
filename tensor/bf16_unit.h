// SPDX-License-Identifier: MIT
// Which part of the processor multiplies bf16 numbers (kernels/bf16.h). This header includes
// nothing, so that the per-instruction-set kernel files may use it (see kernels/simd.h).
#pragma once

namespace gradus {

// floats: ordinary float multiply-adds, on any processor. dots: sums of two products (AVX512_BF16).
// tiles: products of a 16 x 32 and a 32 x 16 matrix (AMX).
enum class Bf16Unit { floats, dots, tiles };

// The fastest unit that this processor has and the system lets a program use, or the one set below.
// dots are twice as fast as floats (Zen 4), but half as fast on processors with AVX512_FP16
// (Sapphire Rapids: one every two cycles, against two per cycle); without AMX, those use floats.
Bf16Unit bf16_unit();

bool has_bf16_unit(Bf16Unit unit);
void set_bf16_unit(Bf16Unit unit);  // throws std::invalid_argument if the processor has none

}  // namespace gradus
