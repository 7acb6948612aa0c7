// SPDX-License-Identifier: MIT
// How a KV cache keeps the vectors of keys and values (kv_cache.h). Types only, so that the kernel
// files may include it (see kernels/simd.h).
#pragma once

#include "tensor/real.h"

namespace gradus {

// bf16: 8 significant bits. int8: 8 bits, and a scale for each vector or, of a long one, for every 128
// values (int8_block.h).
enum class CacheFormat { f32, bf16, int8 };

inline namespace GRADUS_PRECISION {

// Vectors in bf16 or int8, one after another: that of key-value head h of sequence b at position s is
// number (b kv_heads + h) capacity + s.
struct KeptVectors {
    CacheFormat format;
    Index capacity;
    const void* data;   // of each vector 2 size bytes, or int8_row(size)
    const Real* scale;  // of each vector int8_blocks(size) numbers; null in bf16
};

}  // namespace GRADUS_PRECISION
}  // namespace gradus
