// SPDX-License-Identifier: MIT
// 8-bit matrices: a quarter of the memory, and three to four times as many tokens per second when
// nearly all the time goes into reading the weights (decode_bench). Quantisation is symmetric and
// in blocks, like llama.cpp's Q8_0: each block of a row has its own scale, so a single large
// weight costs precision only within its block.
#pragma once

#include "tensor/tensor.h"
#include "tensor/tokens.h"

namespace gradus {
inline namespace GRADUS_PRECISION {

// A (rows, columns) matrix. Element (r, k) is scale q to within scale / 2, where scale is the
// largest |w| of its block (int8_block.h) in row r, divided by 127. Copies share their data.
struct Int8Matrix {
    Index rows = 0, columns = 0;
    std::shared_ptr<std::int8_t> q;  // (rows, columns rounded up to a multiple of 16), zero-padded
    Tensor scale;                    // (rows, blocks of 128)

    bool defined() const { return q != nullptr; }
    Index bytes() const;  // of q and scale
};

// w: (rows, columns). Throws std::invalid_argument unless every value is finite.
Int8Matrix quantise_int8(const Tensor& w);

// The values that an 8-bit matrix represents: (rows, columns).
Tensor dequantise_int8(const Int8Matrix& matrix);

// y = x W^T with W (N, K) in 8 bits; x: (..., K) -> (..., N). x is rounded to 16 bits per value,
// in the same blocks, so |y - x W^T| <= sum_k |W| step / 2, where step is the largest |x| of the
// block divided by 32767. Throws std::invalid_argument if the inner dimensions differ.
Tensor matmul_int8(const Tensor& x, const Int8Matrix& w);

// Looks up rows by index, like embedding_forward: ids of any shape, y: ids' shape with K
// appended. Throws unless every id is in 0..rows-1.
Tensor embedding_int8(const Int8Matrix& table, const Tokens& ids);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
