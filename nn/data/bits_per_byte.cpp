// SPDX-License-Identifier: MIT
#include "nn/data/bits_per_byte.h"

#include <iterator>
#include <numbers>

#include "tensor/error.h"

namespace gradus {

Index target_bytes(const std::vector<Batch>& batches, const Tokenizer& tokenizer) {
    Index bytes = 0;
    for (const Batch& batch : batches)
        for (const int id : batch.targets.id)
            if (id >= 0 && !tokenizer.model().is_special(id))
                bytes += std::ssize(tokenizer.token(id));
    return bytes;
}

double bits_per_byte(double nats, Index tokens, Index bytes) {
    require(tokens >= 0 && bytes >= 1, "bits_per_byte: {} tokens of {} bytes", tokens, bytes);
    return nats * static_cast<double>(tokens) / static_cast<double>(bytes) / std::numbers::ln2;
}

}  // namespace gradus
