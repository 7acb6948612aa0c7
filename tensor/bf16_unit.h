// SPDX-License-Identifier: MIT
// The unit of the processor that multiplies bf16 numbers (kernels/bf16.h). This header includes
// nothing, so that the per-instruction-set kernel files may use it (see kernels/simd.h).
#pragma once

namespace gradus {

// floats: ordinary float multiply-adds, on any processor. dots: sums of two products (AVX512_BF16).
// tiles: products of a 16 x 32 and a 32 x 16 matrix (AMX).
enum class Bf16Unit { floats, dots, tiles };

// The unit set below or, by default, the fastest that this processor has and the system allows.
// dots are twice as fast as floats (Zen 4), but half as fast on processors with AVX512_FP16
// (Sapphire Rapids: one instruction every two cycles, against two per cycle); without AMX, such
// processors use floats.
Bf16Unit bf16_unit();

bool has_bf16_unit(Bf16Unit unit);
void set_bf16_unit(Bf16Unit unit);  // throws std::invalid_argument if the processor lacks it

}  // namespace gradus
