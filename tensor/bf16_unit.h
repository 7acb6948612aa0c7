// SPDX-License-Identifier: MIT
// The processor's unit for multiplying bf16 values (kernels/bf16.h). This header includes nothing,
// so that the per-instruction-set kernel files may use it (see kernels/simd.h).
#pragma once

namespace gradus {

// floats: ordinary float multiply-adds, on any processor. dots: sums of two products (AVX512_BF16).
// tiles: products of a 16 x 32 and a 32 x 16 matrix (AMX).
enum class Bf16Unit { floats, dots, tiles };

// The unit set below or, by default, the fastest one that this processor has and the operating
// system allows. On Zen 4, dots are twice as fast as floats; on processors with AVX512_FP16, they
// are half as fast (Sapphire Rapids: one instruction every two cycles, against two float
// multiply-adds per cycle), so such processors use floats if they lack AMX.
Bf16Unit bf16_unit();

bool has_bf16_unit(Bf16Unit unit);
void set_bf16_unit(Bf16Unit unit);  // throws std::invalid_argument if the processor lacks it

}  // namespace gradus
