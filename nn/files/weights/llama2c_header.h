// SPDX-License-Identifier: MIT
// The header of a checkpoint of llama2.c (Andrej Karpathy; export.py, run.c and runq.c there), versions 0
// to 2, and where its tensors lie: the file has no names, only an order, which the sizes in the header
// complete. So the file must have exactly the number of bytes that these sizes give.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/files/mapped_file.h"
#include "tensor/real.h"

namespace gradus {

// Limits on the sizes, well above those of any model; with them no number of bytes overflows.
inline constexpr Index kMaxLlama2cWidth = 1 << 20;   // width and hidden
inline constexpr Index kMaxLlama2cTokens = 1 << 24;  // vocabulary and context
inline constexpr Index kMaxLlama2cLayers = 1 << 12;

// What the header says. In export.py the sizes are dim, hidden_dim, n_layers, n_heads, n_kv_heads,
// vocab_size and max_seq_len.
struct Llama2cConfig {
    int version = 0;  // 0: legacy, without a magic number; 1: floats; 2: 8 bits
    Index width = 0, hidden = 0, layers = 0, heads = 0, kv_heads = 0, vocabulary = 0, context = 0;
    bool shared_output = false;  // the output layer uses the table of embeddings
    Index group = 0;             // version 2: the number of values that share a scale
};

// One tensor, all of it floats or, in version 2, all but the norms quantised.
struct Llama2cTensor {
    std::string name;  // as Meta's checkpoints call it, such as "layers.0.attention.wq.weight"
    std::vector<Index> shape;  // (OUT, IN)
    // Bytes, counted from the beginning of the file. With scales, the numbers are int8, and `scales` is
    // where their floats begin; without, it is 0.
    std::uint64_t begin = 0, scales = 0;
};

struct Llama2cHeader {
    Llama2cConfig config;
    std::vector<Llama2cTensor> tensors;  // in file order
};

// Throws FileError with the rule that is broken.
Llama2cHeader read_llama2c_header(const MappedFile& file);

}  // namespace gradus
