// SPDX-License-Identifier: MIT
// Weights that are only read: those of a finished model, in half or a quarter of the memory or
// directly in a file, and those beneath an adapter that is trained (LoRA). `Tensor` stays float;
// these have a product, a lookup of rows and the gradient of their input, and nothing else.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include "tensor/tensor.h"
#include "tensor/tokens.h"

namespace gradus {

// int8: blocks of 128 values with a scale each (int8_block.h), for speed; q8_0, q4_0: llama.cpp's blocks
// of 32 (blocks_of_32.h), for its files. A further format needs a name, a row_bytes(), a case in
// store() and one in Reading::rows() (stored_weight.cpp).
enum class WeightFormat { f32, f16, bf16, int8, q8_0, q4_0 };
// How a matrix for (..., IN) -> (..., OUT) is stored: as Linear's is, or as PyTorch's is.
enum class WeightLayout { in_out, out_in };

std::string to_string(WeightFormat format);           // "bf16"
Index row_bytes(WeightFormat format, Index columns);  // without the scales of int8
// Whether the values of a row share scales, in blocks: stored (OUT, IN), these are values that a product
// sums.
bool in_blocks(WeightFormat format);

inline namespace GRADUS_PRECISION {

// Copies share the bytes.
struct StoredWeight {
    WeightFormat format = WeightFormat::f32;
    WeightLayout layout = WeightLayout::out_in;
    Index rows = -1, columns = -1;  // as stored
    // The address of the first row, of any alignment. Asked for when an operation begins and again
    // when it ends: bytes in a file may have gone (FileError), and then no result is handed out.
    // Null until the values are loaded.
    std::function<const std::byte*()> data;
    Tensor scale;  // (rows, blocks), for int8

    bool defined() const { return rows >= 0; }
    Index in() const { return layout == WeightLayout::in_out ? rows : columns; }
    Index out() const { return layout == WeightLayout::in_out ? columns : rows; }
    Shape shape() const { return {rows, columns}; }
    Index bytes() const;  // scales included
};

// w (rows, columns), rounded to the format. In f16 and bf16 a value changes by at most 2^-11 and
// 2^-8 of itself (half.h); in int8 by at most half a step, where a step is the largest |w| of its
// block / 127, and in q8_0 by 2^-11 of the largest more, since the step is f16; in q4_0 by at most one
// step of the largest / 8, plus 2^-11 of the largest. (Where a step is below 2^-14, its own rounding
// counts: 2^-25 per step.)
// Throws std::invalid_argument unless every value is finite, in f16 up to 65504, in q8_0 and q4_0 up to
// 127 and 8 times that; and in these two unless the columns are a multiple of 32.
StoredWeight store(const Tensor& w, WeightFormat format, WeightLayout layout);

// The values that are represented, as stored: (rows, columns).
Tensor values_of(const StoredWeight& w);

// y = x W: (..., IN) -> (..., OUT). It is the product with values_of(w), but in int8, stored
// (OUT, IN), x is rounded to 16 bits in the same blocks, so that a block is a sum of
// integers: |y - x W| <= sum_k |W| step / 2, where step is the block's largest |x| / 32767.
// Throws std::invalid_argument if the inner sizes differ.
Tensor matmul_forward(const Tensor& x, const StoredWeight& w);
// dx += dy W^T, with W = values_of(w): (..., OUT) -> (..., IN).
void matmul_backward(const Tensor& dy, const StoredWeight& w, const Tensor& dx);

// The rows with these numbers, as embedding_forward: ids of any shape -> ids' shape with `columns`
// appended. Throws std::invalid_argument unless every id is in 0..rows-1.
Tensor embedding_forward(const StoredWeight& table, const Tokens& ids);

}  // namespace GRADUS_PRECISION
}  // namespace gradus
