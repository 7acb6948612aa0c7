// SPDX-License-Identifier: MIT
// Lion (Chen et al. 2023, "Symbolic discovery of optimization algorithms", arXiv:2302.06675,
// algorithm 2): every weight moves by the learning rate, whatever the size of its gradient, and one
// moment is remembered instead of AdamW's two.
#pragma once

#include "nn/train/optimiser.h"

namespace gradus {

struct LionOptions {
    Real beta1 = Real(0.9), beta2 = Real(0.99);
    // The paper divides AdamW's learning rate by 3 to 10 and multiplies its decay by the same
    // number (section 5), which leaves lr * decay as it was.
    Real decay = 0;
};

class Lion : public Optimiser {
 public:
    explicit Lion(std::vector<NamedParameter> parameters, const LionOptions& options = {},
                  const ParameterGroups& groups = {});

 private:
    void update(const Update& u) override;
    LionOptions options_;
};

}  // namespace gradus
