// SPDX-License-Identifier: MIT
// The loss per byte of text, in bits: unlike nats per token, it can be compared between tokenizers
// (bits per byte, "bpb": Gao et al. 2020, "The Pile", section 3.1).
#pragma once

#include <vector>

#include "nn/data/batch.h"
#include "nn/tokenizers/tokenizer.h"

namespace gradus {

// The bytes of text that all tokens to be predicted stand for; special tokens stand for none.
Index target_bytes(const std::vector<Batch>& batches, const Tokenizer& tokenizer);

// nats: the mean loss over so many tokens, which stand for so many bytes.
double bits_per_byte(double nats, Index tokens, Index bytes);

}  // namespace gradus
