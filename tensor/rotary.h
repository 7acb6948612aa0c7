// SPDX-License-Identifier: MIT
// Rotary positions (Su et al. 2021, arXiv:2104.09864, section 3.2): queries and keys are rotated, a
// pair of numbers at a time, by an angle proportional to their position, so that their dot product
// depends on the distance between the two only.
#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace gradus {

// The angles of all positions: pair i at position t turns by t base^(-i / half).
struct RotaryTable {
    Tensor cosine, sine;  // (positions, half)
};

// For vectors of which the first `size` numbers rotate; half = size / 2. With `stretch`, one per pair,
// pair i turns stretch[i] times as slowly, which stretches a model to longer texts than it has seen
// (Chen et al. 2023, arXiv:2306.15595). Computed in double with additions, multiplications and
// divisions only, so that its digits do not depend on a C library. Throws std::invalid_argument unless
// size is even, base above 1, and each factor above 0.
RotaryTable rotary_table(Index positions, Index size, double base = 10000,
                         const std::vector<double>& stretch = {});

// Which numbers form a pair: i and i + half (Llama's files), or 2i and 2i + 1 (the paper's).
enum class RotaryPairs { halves, adjacent };

struct RotaryOptions {
    Index size = 1;   // of a vector
    Index heads = 0;  // how many of a row's vectors rotate; 0: all of them
    RotaryPairs pairs = RotaryPairs::halves;
    std::vector<Index> offsets = {};  // the position of each sequence's first row; empty: 0
};

// x, y: (B, T, vectors of `size` numbers); dx += the gradient. Throws std::invalid_argument if the
// sizes do not fit, or a position is beyond the table.
Tensor rotary_forward(const Tensor& x, const RotaryTable& table, const RotaryOptions& options);
void rotary_backward(const Tensor& dy, const RotaryTable& table, const RotaryOptions& options,
                     const Tensor& dx);

}  // namespace gradus
