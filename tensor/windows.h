// SPDX-License-Identifier: MIT
// Windows that slide over images, for convolution and pooling. Types only, so that the table of
// operations may include it.
#pragma once

#include "tensor/real.h"

namespace gradus {

// Output pixel (i, j) sees the pixels (i stride + r dilation - pad_rows, ...) with r < rows, and the
// same for columns.
struct Windows {
    Index B, H, W, C;             // of the images, channels last
    Index OH, OW;                 // of the output
    Index rows, columns;          // of a window
    Index stride, dilation;       // both at least 1
    Index pad_rows, pad_columns;  // rows above and below, columns left and right
};

}  // namespace gradus
