// SPDX-License-Identifier: MIT
// A project outside this tree: it includes headers by their rooms and checks that d(x * x)/dx at 3
// is 6.
#include <cstdio>

#include "autograd/elementwise.h"

int main() {
    const gradus::Variable x = gradus::parameter(gradus::Tensor::scalar(3));
    (x * x).backward();
    std::printf("slope %g\n", static_cast<double>(x.grad().item()));
    return x.grad().item() == 6 ? 0 : 1;
}
