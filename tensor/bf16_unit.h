// SPDX-License-Identifier: MIT
// Which part of the processor multiplies bf16 numbers (kernels/bf16.h). This header includes
// nothing, so that the per-instruction-set kernel files may use it (see kernels/simd.h).
#pragma once

namespace gradus {

// floats: the multiply-adds of floats, on every processor. dots: sums of two products, AVX512_BF16.
// tiles: products of 16 x 32 by 32 x 16 values, AMX.
enum class Bf16Unit { floats, dots, tiles };

// The fastest that this processor has and the system lets a program use, or what was set. dots are
// twice as fast as floats (Zen 4), but half as fast where AVX512_FP16 is too (Sapphire Rapids: one
// in two cycles, against two multiply-adds in each); such a processor without AMX takes floats.
Bf16Unit bf16_unit();

bool has_bf16_unit(Bf16Unit unit);
void set_bf16_unit(Bf16Unit unit);  // throws std::invalid_argument if the processor has none

}  // namespace gradus
