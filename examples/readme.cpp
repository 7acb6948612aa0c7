// SPDX-License-Identifier: MIT
// The first program in README.md, verbatim: a network learns "exclusive or" with nothing but
// tensors. A test keeps the two identical.
#include "tensor/all.h"

using namespace gradus;

int main() {
    const Tensor x = Tensor::matrix({{0, 0}, {0, 1}, {1, 0}, {1, 1}});  // (4, 2)
    const Tensor y = Tensor::matrix({{0}, {1}, {1}, {0}});              // (4, 1)
    const Tensor w1 = Tensor::normal({2, 8}, 1, 1), b1({8});            // (2, 8), (8)
    const Tensor w2 = Tensor::normal({8, 1}, 1, 2), b2({1});            // (8, 1), (1)

    for (int step = 0; step <= 300; ++step) {
        const Tensor h = tanh_forward(matmul_forward(x, w1) + b1);     // (4, 8)
        const Tensor p = sigmoid_forward(matmul_forward(h, w2) + b2);  // (4, 1)
        if (step % 100 == 0)
            fmt::print("step {:4}   {:.2f} {:.2f} {:.2f} {:.2f}\n", step, p[0], p[1], p[2], p[3]);

        const Tensor ds = p - y;                                   // (4, 1)
        const Tensor dh = matmul_forward(ds, w2, Transpose::yes);  // (4, 8)
        const Tensor dz = dh * (Tensor::scalar(1) - h * h);        // (4, 8)
        add_scaled(w2, matmul_forward(transpose_forward(h), ds), Real(-0.1));
        add_scaled(b2, sum_axis(ds, 0), Real(-0.1));
        add_scaled(w1, matmul_forward(transpose_forward(x), dz), Real(-0.1));
        add_scaled(b1, sum_axis(dz, 0), Real(-0.1));
    }
}
