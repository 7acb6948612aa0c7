// SPDX-License-Identifier: MIT
// The network of examples/digits.cpp.
#pragma once

#include "autograd/elementwise.h"
#include "nn/layers/convolution.h"

namespace gradus {

// Two layers of small detectors that slide over the image (LeCun et al. 1989), each followed by a
// pooling that keeps the strongest answer in every 2 x 2 pixels; then 10 scores, one per digit. A
// network without them, with 64 features of all 256 pixels, reads 98.2%.
struct DigitReader {
    static constexpr WindowOptions kSee{.rows = 3, .columns = 3, .pad_rows = 1, .pad_columns = 1};
    static constexpr WindowOptions kHalve{.rows = 2, .columns = 2, .stride = 2};
    Conv2d strokes, shapes;
    Linear scores;

    explicit DigitReader(Initialiser init)
        : strokes(1, 16, kSee, init), shapes(16, 32, kSee, init), scores(4 * 4 * 32, 10, init) {}
    Variable operator()(const Variable& x) const {
        const Index n = x.size(0);
        Variable h = reshape(x, {n, 16, 16, 1});     // (n, 256) -> (n, 16, 16, 1)
        h = max_pool(relu(strokes(h)), kHalve);      // -> (n, 8, 8, 16)
        h = max_pool(relu(shapes(h)), kHalve);       // -> (n, 4, 4, 32)
        return scores(reshape(h, {n, 4 * 4 * 32}));  // -> (n, 10)
    }
    void parameters(auto&& v) { v("strokes", strokes), v("shapes", shapes), v("scores", scores); }
};

}  // namespace gradus
