// SPDX-License-Identifier: MIT
#include "lessons/check/demo.h"

#include "autograd/elementwise.h"
#include "autograd/matmul.h"
#include "autograd/reduce.h"
#include "autograd/softmax.h"
#include "tensor/elementwise.h"
#include "tensor/reduce.h"
#include "tensor/softmax.h"

namespace gradus::lesson_06 {
namespace {

using Numbers = std::vector<Real>;

Numbers tanh_slope(const Numbers& x) {
    const Index n = static_cast<Index>(x.size());
    Numbers y(x.size()), dx(x.size());
    part().tanh_forward(y.data(), x.data(), n);
    part().tanh_backward(dx.data(), Numbers(x.size(), 1).data(), y.data(), n);
    return dx;
}

Numbers gelu_slope(const Numbers& x) {
    Numbers dx(x.size());
    part().gelu_backward(dx.data(), Numbers(x.size(), 1).data(), x.data(),
                         static_cast<Index>(x.size()));
    return dx;
}

// A softmax whose backward is wrong on purpose: each probability moves with its own score only.
Variable diagonal_softmax(const Variable& x) {
    const Tensor y = softmax_forward(x.value());
    return record("softmax", y, {x}, [x, y](const Tensor& dy) {
        x.add_grad(mul(dy, mul(y, sub(Tensor::scalar(1), y))));
    });
}

// A network of two layers, and a loss that weighs its probabilities by fixed random numbers.
struct Network {
    Variable w1, w2;
    Tensor x, weights;

    Variable loss(Variable (*last)(const Variable&)) const {
        return sum(mul(last(matmul(gelu(matmul(tanh(x), w1)), w2)), weights));
    }
};

Tensor random(const Shape& shape, std::uint64_t seed) {
    return Tensor::normal(shape, 1, seed);
}

Tensor moved(const Tensor& x, const Tensor& v, Real h) {
    const Tensor y = x.clone();
    add_scaled(y, v, h);
    return y;
}

// |loss(w + h v) - loss(w) - h gradient.v| for many h.
Line taylor(const std::string& name, Variable (*last)(const Variable&)) {
    const Network at{parameter(random({3, 5}, 1)), parameter(random({5, 4}, 2)), random({6, 3}, 3),
                     random({6, 4}, 4)};
    const Tensor v1 = random({3, 5}, 5), v2 = random({5, 4}, 6);
    at.loss(last).backward();
    const Real along =
        sum_all(mul(at.w1.grad(), v1)).item() + sum_all(mul(at.w2.grad(), v2)).item();
    const NoGrad guard;
    const Real start = at.loss(last).item();
    Line line{name, {}, {}};
    for (int i = -10; i <= 0; ++i) {
        const Real h = std::pow(Real(10), Real(i) / 2);
        const Network there{moved(at.w1.value(), v1, h), moved(at.w2.value(), v2, h), at.x,
                            at.weights};
        line.x.push_back(h);
        line.y.push_back(std::abs(there.loss(last).item() - start - h * along));
    }
    return line;
}

// Between h = 1e-5 and 1e-3.
double slope(const Line& line) {
    return std::log10(line.y[4] / line.y[0]) / 2;
}

std::string matrix(const Numbers& x, Index cols) {
    std::string text;
    for (std::size_t i = 0; i < x.size(); ++i)
        text += fmt::format("{}{}",
                            i == 0                               ? ""
                            : i % static_cast<std::size_t>(cols) ? " "
                                                                 : " | ",
                            x[i]);
    return text;
}

const Demo demo([](Stage& stage) {
    LineChart slopes;
    slopes.caption = {"how far a gradient gets: the slopes of tanh and gelu",
                      "tanh lets a gradient through near 0 only: beyond 3 its slope is nearly 0, "
                      "and what comes before it hardly learns. gelu has slope 1 on the right.",
                      "a slope of tanh that does not fall to 0, or one of gelu that stays under 1: "
                      "it rises to 1.13 before it settles."};
    slopes.x.name = "x", slopes.y.name = "slope";
    Numbers x;
    for (int i = -60; i <= 60; ++i) x.push_back(Real(i) / 10);
    slopes.lines = {{"tanh", x, tanh_slope(x)}, {"gelu", x, gelu_slope(x)}};
    stage.show("slopes", slopes);

    const auto backward = [&](const Numbers& dc) {
        Numbers da(4), db(4);
        const Numbers a = {1, 2, 3, 4}, b = {5, 6, 7, 8};
        part().matmul_backward(da.data(), db.data(), dc.data(), a.data(), b.data(), 2, 2, 2);
        stage.print(fmt::format("dc = {}", matrix(dc, 2)));
        stage.print(fmt::format("    da = {}", matrix(da, 2)));
        stage.print(fmt::format("    db = {}", matrix(db, 2)));
    };
    stage.say("Your matmul_backward, with a = 1 2 | 3 4 and b = 5 6 | 7 8:");
    backward({1, 0, 0, 0});
    backward({1, 10, 0, 2});
    stage.print("");

    LineChart chart;
    chart.caption = {"the Taylor test of a network that runs on your functions",
                     "two slopes. Where h is ten times smaller, yours is a hundred times smaller.",
                     "yours beside the other, which is only ten times smaller there. That is "
                     "what a softmax does whose gradient is its diagonal only."};
    chart.x = {"h", true}, chart.y = {"what is left over", true};
    chart.lines = {taylor("yours", softmax), taylor("diagonal only", diagonal_softmax)};
    stage.show("taylor", chart);
    stage.print(fmt::format("slope of yours: {:.2f}", slope(chart.lines[0])));
    stage.print(fmt::format("slope of the diagonal only: {:.2f}", slope(chart.lines[1])));
});

const WorkedNumbers numbers([] {
    const Real y = std::tanh(Real(1)), right = tanh_slope({1})[0];
    fmt::print("tanh 1 = {:.4f}, its square {:.4f}, slope {:.4f}, times 2: {:.4f}\n", y, y * y,
               right, 2 * right);
    fmt::print("slope of tanh at 5: {:.4f}\n", tanh_slope({5})[0]);

    const Real root = std::sqrt(2 / std::acos(Real(-1))), cube = Real(0.044715);
    const Real u = root * (1 + cube), t = std::tanh(u), inner = root * (1 + 3 * cube);
    Real gelu = 1;
    part().gelu_forward(&gelu, &gelu, 1);
    fmt::print("gelu at 1: {:.4f} times {} is u = {:.4f}, t = {:.4f}, half of {:.4f} is {:.4f}\n",
               root, 1 + cube, u, t, 1 + t, gelu);
    fmt::print("with {}: u' = {:.4f}, 1 - t^2 = {:.4f}, second term {:.4f}, slope {:.4f}\n", cube,
               inner, 1 - t * t, (1 - t * t) * inner / 2, gelu_slope({1})[0]);

    const Real sum = std::exp(Real(-2)) + std::exp(Real(-1)) + 1;
    const Numbers p = {std::exp(Real(-2)) / sum, std::exp(Real(-1)) / sum, 1 / sum};
    Numbers dx(3);
    part().softmax_backward(dx.data(), Numbers{1, 0, 0}.data(), p.data(), 1, 3);
    fmt::print("softmax: y = {:.4f} {:.4f} {:.4f}, 1 - y0 = {:.4f}\n", p[0], p[1], p[2], 1 - p[0]);
    fmt::print("dx = {:.4f} {:.4f} {:.4f}\n", dx[0], dx[1], dx[2]);

    for (const Real h : {Real(0.1), Real(0.01), Real(0.001)}) {
        const Real moved = std::tanh(1 + h) - y;
        fmt::print("h = {}: moved by {:.6f}; left over {:.7f}, with slope 0.5 {:.7f}\n", h, moved,
                   std::abs(moved - h * right), std::abs(moved - h * Real(0.5)));
    }
});

}  // namespace
}  // namespace gradus::lesson_06
