// SPDX-License-Identifier: MIT
// Quantisation to Q8_0 and Q4_0 by the rules of llama.cpp's reference (quantize_row_q8_0_ref and
// quantize_row_q4_0_ref in ggml-quants.c), so that our files equal its files bit for bit. These rules
// are arithmetic in float: the double build rounds its values to float first.
#include "tensor/blocks_of_32.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "tensor/ops.h"

namespace gradus {
inline namespace GRADUS_PRECISION {
namespace naive {
namespace {

using Byte = unsigned char;

// Where the scale becomes so small that its inverse is infinite, every value becomes 0; the reference
// leaves these values open.
float inverse_of(float d) {
    return d != 0 && std::isfinite(1 / d) ? 1 / d : 0;
}

void write_scale(Byte* block, float d) {
    const Real exact = d;
    std::uint16_t bits;
    round_f16(&bits, &exact, 1);
    std::memcpy(block, &bits, sizeof bits);
}
Real read_scale(const Byte* block) {
    Real d;
    widen_f16(&d, block, 1);
    return d;
}

// Rounds half up, by truncation of what is never negative: x is from -8 to 8.
int nibble(float x) {
    return std::min(15, static_cast<int>(x + 8.5F));
}

void quantise_8(void* y, const Real* x, Index blocks) {
    auto* block = static_cast<Byte*>(y);
    for (Index b = 0; b < blocks; ++b, x += kBlockOf32, block += kQ8Bytes) {
        float largest = 0;
        for (Index i = 0; i < kBlockOf32; ++i)
            largest = std::max(largest, std::abs(static_cast<float>(x[i])));
        const float d = largest / kQ8Top, inverse = inverse_of(d);
        write_scale(block, d);
        for (Index i = 0; i < kBlockOf32; ++i) {  // ties away from zero
            const auto q = static_cast<int>(std::round(static_cast<float>(x[i]) * inverse));
            block[2 + i] = static_cast<Byte>(q);
        }
    }
}

void quantise_4(void* y, const Real* x, Index blocks) {
    auto* block = static_cast<Byte*>(y);
    for (Index b = 0; b < blocks; ++b, x += kBlockOf32, block += kQ4Bytes) {
        float largest = 0;  // of equal ones the first
        for (Index i = 0; i < kBlockOf32; ++i)
            if (std::abs(static_cast<float>(x[i])) > std::abs(largest))
                largest = static_cast<float>(x[i]);
        // The largest becomes exactly -8; of the other sign there is only 7.
        const float d = largest / -kQ4Top, inverse = inverse_of(d);
        write_scale(block, d);
        for (Index i = 0; i < kBlockOf32 / 2; ++i) {
            const int low = nibble(static_cast<float>(x[i]) * inverse),
                      high = nibble(static_cast<float>(x[i + kBlockOf32 / 2]) * inverse);
            block[2 + i] = static_cast<Byte>(low | high << 4);
        }
    }
}

void dequantise_8(Real* y, const void* x, Index blocks) {
    const auto* block = static_cast<const Byte*>(x);
    for (Index b = 0; b < blocks; ++b, y += kBlockOf32, block += kQ8Bytes) {
        const Real d = read_scale(block);
        for (Index i = 0; i < kBlockOf32; ++i)
            y[i] = static_cast<Real>(static_cast<signed char>(block[2 + i])) * d;
    }
}

void dequantise_4(Real* y, const void* x, Index blocks) {
    const auto* block = static_cast<const Byte*>(x);
    for (Index b = 0; b < blocks; ++b, y += kBlockOf32, block += kQ4Bytes) {
        const Real d = read_scale(block);
        for (Index i = 0; i < kBlockOf32 / 2; ++i) {
            const int both = block[2 + i];
            y[i] = static_cast<Real>((both & 15) - 8) * d;
            y[i + kBlockOf32 / 2] = static_cast<Real>((both >> 4) - 8) * d;
        }
    }
}

}  // namespace

void quantise_blocks(void* y, const Real* x, Index blocks, int bits) {
    bits == 8 ? quantise_8(y, x, blocks) : quantise_4(y, x, blocks);
}
void dequantise_blocks(Real* y, const void* x, Index blocks, int bits) {
    bits == 8 ? dequantise_8(y, x, blocks) : dequantise_4(y, x, blocks);
}

}  // namespace naive
}  // namespace GRADUS_PRECISION
}  // namespace gradus
