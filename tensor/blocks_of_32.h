// SPDX-License-Identifier: MIT
// The layout of llama.cpp's weights of 8 and 4 bits, Q8_0 and Q4_0 (ggml-common.h there): blocks of 32
// values, each a scale in f16 followed by the quantised values, with nothing in between.
#pragma once

#include "tensor/real.h"

namespace gradus {

inline constexpr Index kBlockOf32 = 32;  // values
// Q8_0: 32 signed bytes q; the values are q d. Q4_0: 16 bytes, of which byte j holds value j in its
// low half and value j + 16 in its high half, as q from 0 to 15; the values are (q - 8) d.
inline constexpr Index kQ8Bytes = 2 + 32, kQ4Bytes = 2 + 16;  // bytes per block
// d is the largest |x| / 127 or, with its sign, the x of largest magnitude / -8.
inline constexpr int kQ8Top = 127, kQ4Top = 8;

}  // namespace gradus
