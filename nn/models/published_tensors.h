// SPDX-License-Identifier: MIT
// The parameters of a model under the names and in the layout of other software: the inverse of
// load_named() (pretrained.h).
#pragma once

#include <vector>

#include "nn/files/weights/weight_file.h"
#include "nn/models/tensor_names.h"
#include "nn/models/text_model.h"

namespace gradus {

struct PublishedLayout {
    const TensorNames& names;
    WeightFormat format =
        WeightFormat::f32;  // of matrices but the position embedding; the rest is f32
    RotaryPairs pairs = RotaryPairs::halves;  // the order of the rows of queries and keys
};

// A GPT without biases gets biases of 0, since no other software knows it without. Where a row cannot
// be divided into the blocks of q8_0 or q4_0, it is f16.
std::vector<NamedTensor> published_tensors(const TextModel& model, const PublishedLayout& layout);

// The rows (heads HS, ...) of queries or keys, from one order of each head's numbers to the other.
Tensor reordered(const Tensor& rows, Index heads, RotaryPairs from, RotaryPairs to);

}  // namespace gradus
