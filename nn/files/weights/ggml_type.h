// SPDX-License-Identifier: MIT
// The element types of GGUF files, those of the library ggml (ggml.h and ggml-common.h): a number in
// the file, a name, and how many bytes a block of elements takes.
#pragma once

#include <cstdint>

#include "tensor/real.h"

namespace gradus {

struct GgmlType {
    std::uint32_t number;
    const char* name;    // "Q8_0"
    Index block, bytes;  // elements in a block, and bytes that a block takes
};

// Null for a number that ggml does not use, or no longer uses. All types up to MXFP4 (39) are listed,
// so that a whole file can be checked even if this library cannot compute with all of its tensors;
// later ones, such as NVFP4 (40), are not known.
const GgmlType* ggml_type(std::uint32_t number);

}  // namespace gradus
