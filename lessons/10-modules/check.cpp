// SPDX-License-Identifier: MIT
#include "lessons/check/check.h"

#include "autograd/reduce.h"
#include "lessons/10-modules/deviation.h"
#include "nn/loss.h"
#include "nn/train/optimiser.h"

namespace gradus::lesson_10 {
namespace {

using Numbers = std::vector<Real>;

AnyLinear linear(Index in, Index out, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_linear(in, out, init);
}

AnyModule net(Index in, Index hidden, Index out, std::uint64_t seed = 1) {
    Initialiser init(seed);
    return part().make_net(in, hidden, out, init);
}

Tensor random(const Shape& shape, std::uint64_t seed) {
    return Tensor::from(shape, normal_numbers(seed, shape.count()));
}

// Rows times weight plus bias, by loops.
Numbers by_loops(const Numbers& x, const Tensor& weight, const Tensor& bias) {
    const Index in = weight.size(0), out = weight.size(1);
    const Index rows = static_cast<Index>(x.size()) / in;
    Numbers y;
    for (Index r = 0; r < rows; ++r)
        for (Index j = 0; j < out; ++j) {
            Real sum = bias[j];
            for (Index k = 0; k < in; ++k) sum += x[r * in + k] * weight[k * out + j];
            y.push_back(sum);
        }
    return y;
}

// One number of which every gradient is another: the results times fixed random weights.
Variable score(const Variable& y) {
    return sum(y * random(y.shape(), 99));
}

// backward() against finite differences, for every number of every parameter and of x.
void check_gradients(const AnyModule& module, const Tensor& x) {
    const Variable input = parameter(x);
    const auto parameters = module.parameters();
    for (const auto& p : parameters) p.variable.zero_grad();
    score(module.forward(input)).backward();
    auto all = parameters;
    all.push_back({"x", input});
    for (const auto& p : all) {
        const std::string parameter = p.name;
        CAPTURE(parameter);
        const Tensor& w = p.variable.value();
        Numbers expected;
        for (Index i = 0; i < w.count(); ++i) {
            const Real before = w[i], h = 1e-5;
            w[i] = before + h;
            const Real above = score(module.forward(x)).item();
            w[i] = before - h;
            const Real below = score(module.forward(x)).item();
            w[i] = before;
            expected.push_back((above - below) / (2 * h));
        }
        CHECK(same(p.variable.grad().to_vector(), expected, {}, 1e-7));
    }
}

std::vector<std::string> names(const AnyModule& module) {
    std::vector<std::string> list;
    for (const auto& p : module.parameters()) list.push_back(p.name);
    return list;
}

// A sentence, not a comparison of lists: it is what a learner reads.
Comparison named(const AnyModule& module, const std::vector<std::string>& expected) {
    const auto joined = [](const std::vector<std::string>& list) {
        std::string text;
        for (const auto& name : list) text += (text.empty() ? "" : ", ") + name;
        return text.empty() ? "none" : text;
    };
    const auto yours = names(module);
    if (yours == expected) return {true, "the same"};
    return {false, "your parameters are " + joined(yours) +
                       " (what is visited twice counts once); " + "expected are " +
                       joined(expected)};
}

Comparison is_member(const NamedParameter& parameter, const Variable& member) {
    return {parameter.variable.node() == member.node(),
            "what you visit as " + parameter.name + " is another variable than that member"};
}

Comparison shaped(const std::string& name, const Variable& variable, const Shape& expected) {
    if (!variable.defined())
        return {false, "your " + name +
                           " has no value: the constructor must give one to the member (a variable "
                           "of the same name that is declared there is another one)"};
    if (!variable.requires_grad())
        return {false, "your " + name + " is a constant: its gradient is not wanted"};
    return {variable.shape() == expected, "your " + name + " has the shape " +
                                              to_string(variable.shape()) + ", expected " +
                                              to_string(expected)};
}

// If only the deviation is another, it says so.
Comparison drawn(const Variable& weight, const Variable& expected, double deviation) {
    const Numbers right = expected.value().to_vector();
    const Numbers yours = weight.value().to_vector();
    const Index in = expected.value().size(0), out = expected.value().size(1);
    const Real times = yours[0] / right[0];
    Numbers scaled = right;
    for (auto& w : scaled) w *= times;
    if (!same(yours, right, {in, out}) && same(yours, scaled, {in, out}))
        return {false, fmt::format("your weights are drawn with deviation {:.4g}, expected {:.4g}",
                                   times * deviation + 0.0, deviation)};
    return same(yours, right, {in, out});
}

// Its biases are not 0 any more: then it matters whether they are added.
void move_biases(const AnyModule& module) {
    std::uint64_t seed = 40;
    for (const auto& p : module.parameters())
        if (p.name.find("bias") != std::string::npos)
            p.variable.value().copy_from(random(p.variable.shape(), seed++));
}

// Everything about a module, as numbers: what comes out, how its parameters are called, and which
// they are.
Numbers print_of(const AnyModule& module, const Tensor& x) {
    Numbers all = module.forward(x).value().to_vector();
    for (const auto& p : module.parameters()) {
        Real number = 0;
        for (const char c : p.name) number = 0.7 * number + c;
        all.push_back(number);
        all.push_back(p.variable.value()[0]);
    }
    return all;
}

const Fingerprint deviation_print("first_deviation", [] {
    return Numbers{part().first_deviation(1), part().first_deviation(4), part().first_deviation(9),
                   part().first_deviation(3)};
});
// First values and call apart: the one is named while the other is unfinished.
const Fingerprint first_print("make_linear", [] {
    Numbers all = linear(2, 3).weight.value().to_vector();
    all.push_back(linear(1, 2).weight.value()[0]);
    const Numbers bias = linear(3, 3).bias.value().to_vector();
    all.insert(all.end(), bias.begin(), bias.end());
    return all;
});
const Fingerprint linear_print("make_linear", [] {
    const AnyLinear square = linear(3, 3);
    square.bias.value().copy_from(random({3}, 2));
    return print_of(square, random({3, 3}, 3));
});
const Fingerprint gradient_print("make_linear", [] {
    const AnyLinear layer = linear(3, 3);
    layer.bias.value().copy_from(random({3}, 2));
    score(layer.forward(random({3, 3}, 3))).backward();
    Numbers all = layer.weight.grad().to_vector();
    const Numbers bias = layer.bias.grad().to_vector();
    all.insert(all.end(), bias.begin(), bias.end());
    return all;
});
const Fingerprint net_print("make_net", [] {
    const AnyModule module = net(3, 3, 3);
    return print_of(module, random({3, 3}, 3));
});

}  // namespace

TEST_CASE("first_deviation: 1, 1/2 and 1/16, for 1, 4 and 256 inputs") {
    CHECK(same(part().first_deviation(1), 1));
    CHECK(same(part().first_deviation(4), 0.5));
    CHECK(same(part().first_deviation(256), 0.0625));
    CHECK(same(part().first_deviation(3), 0.57735026919));
    CHECK(same(part().first_deviation(1000000), 0.001));
}

TEST_CASE("make_linear: the first values of weight and bias") {
    const Index sizes[][2] = {{3, 2}, {2, 5}, {1, 4}, {6, 1}};
    for (const auto& size : sizes) {
        const Index in = size[0], out = size[1];
        CAPTURE(in);
        CAPTURE(out);
        const AnyLinear yours = linear(in, out, 7);
        REQUIRE(shaped("weight", yours.weight, {in, out}));
        REQUIRE(shaped("bias", yours.bias, {out}));
        Initialiser init(7);
        const double deviation = 1 / std::sqrt(static_cast<double>(in));
        CHECK(drawn(yours.weight, init.normal({in, out}, deviation), deviation));
        CHECK(same(yours.bias.value().to_vector(), Numbers(static_cast<std::size_t>(out))));
    }
}

TEST_CASE("make_linear: two layers from one source have different first weights") {
    Initialiser init(1), again(1);
    part().make_linear(3, 3, init);
    const AnyLinear second = part().make_linear(3, 3, init);
    again.normal({3, 3}, 1);  // the first one's
    CHECK(same(second.weight.value().to_vector(),
               again.normal({3, 3}, 1 / std::sqrt(3.0)).value().to_vector(), {3, 3}));
}

TEST_CASE("make_linear: the row from the text") {
    const AnyLinear yours = linear(2, 3);
    yours.weight.value().copy_from(Tensor::matrix({{1, 0, -1}, {2, 1, 0}}));
    yours.bias.value().copy_from(Tensor::from({10, 20, 30}));
    CHECK(same(yours.forward(Tensor::matrix({{1, 2}})).value().to_vector(), {15, 22, 29}));
}

TEST_CASE("make_linear: any number of rows, inputs and outputs, as by loops") {
    for (const Index rows : {1, 2, 5})
        for (const Index in : {1, 3, 4})
            for (const Index out : {1, 3, 4}) {
                CAPTURE(rows);
                CAPTURE(in);
                CAPTURE(out);
                const AnyLinear yours = linear(in, out);
                yours.bias.value().copy_from(random({out}, 5));
                const Tensor x = random({rows, in}, 6);
                const Numbers expected =
                    by_loops(x.to_vector(), yours.weight.value(), yours.bias.value());
                CHECK(same(yours.forward(x).value().to_vector(), expected, {rows, out}));
                // And the second time the same: nothing in the layer has changed.
                CHECK(same(yours.forward(x).value().to_vector(), expected, {rows, out}));
            }
}

TEST_CASE("make_linear: its parameters are weight and bias") {
    const AnyLinear yours = linear(3, 2);
    CHECK(named(yours, {"weight", "bias"}));
    const auto list = yours.parameters();
    REQUIRE(list.size() == 2);
    CHECK(is_member(list[0], yours.weight));
    CHECK(is_member(list[1], yours.bias));
}

TEST_CASE("make_linear: the gradients of weight, bias and x") {
    for (const auto& shape : {Shape{4, 3}, Shape{1, 3}}) {
        const AnyLinear yours = linear(3, 2);
        check_gradients(yours, random(shape, 8));
    }
}

TEST_CASE("make_linear: through ten layers the numbers keep their size") {
    Initialiser init(3);
    Variable x = random({64, 256}, 4);
    for (int layer = 1; layer <= 10; ++layer) {
        CAPTURE(layer);
        x = Variable(part().make_linear(256, 256, init).forward(x).value());
        const double size = deviation(x.value());
        CAPTURE(size);
        CHECK(size > 0.8);
        CHECK(size < 1.25);
    }
}

TEST_CASE("make_net: the names and the count of its parameters") {
    const AnyModule yours = net(2, 16, 1);
    CHECK(named(yours, {"hidden.weight", "hidden.bias", "out.weight", "out.bias"}));
    Index count = 0;
    for (const auto& p : yours.parameters()) count += p.variable.value().count();
    const Comparison numbers{
        count == 65, fmt::format("your parameters hold {} numbers, expected are 65", count)};
    CHECK(numbers);
}

TEST_CASE("make_net: two layers with tanh between them, as by loops") {
    const Index sizes[][3] = {{2, 4, 3}, {3, 3, 3}, {1, 5, 1}};
    for (const auto& size : sizes) {
        const Index in = size[0], hidden = size[1], out = size[2];
        CAPTURE(in);
        CAPTURE(hidden);
        CAPTURE(out);
        const AnyModule yours = net(in, hidden, out, 9);
        const auto p = yours.parameters();
        REQUIRE(p.size() == 4);
        // First values: the hidden layer's first.
        Initialiser init(9);
        const Variable first = init.normal({in, hidden}, 1 / std::sqrt(static_cast<double>(in)));
        const Variable second =
            init.normal({hidden, out}, 1 / std::sqrt(static_cast<double>(hidden)));
        CHECK(same(p[0].variable.value().to_vector(), first.value().to_vector(), {in, hidden}));
        CHECK(same(p[2].variable.value().to_vector(), second.value().to_vector(), {hidden, out}));
        move_biases(yours);
        const Tensor x = random({5, in}, 10);
        Numbers h = by_loops(x.to_vector(), p[0].variable.value(), p[1].variable.value());
        for (auto& v : h) v = std::tanh(v);
        CHECK(same(yours.forward(x).value().to_vector(),
                   by_loops(h, p[2].variable.value(), p[3].variable.value()), {5, out}));
    }
}

TEST_CASE("make_net: the gradients of every parameter, and of x") {
    for (const auto& shape : {Shape{4, 3}, Shape{1, 3}}) {
        const AnyModule yours = net(3, 4, 2);
        move_biases(yours);
        check_gradients(yours, random(shape, 11));
    }
}

TEST_CASE("make_net: after one step of descent every parameter has moved") {
    const AnyModule yours = net(2, 3, 2);
    const auto parameters = yours.parameters();
    std::vector<Numbers> before;
    for (const auto& p : parameters) before.push_back(p.variable.value().to_vector());
    mean(square(yours.forward(random({6, 2}, 12)) - random({6, 2}, 13))).backward();
    Sgd(parameters).step(0.1);
    CHECK(parameters.size() == 4);
    for (std::size_t i = 0; i < parameters.size(); ++i) {
        CAPTURE(parameters[i].name);
        const Numbers after = parameters[i].variable.value().to_vector();
        std::size_t still = 0;
        for (std::size_t k = 0; k < after.size(); ++k) still += after[k] == before[i][k];
        CHECK(still == 0);
    }
}

TEST_CASE("make_net: it learns what no single layer can: is exactly one of two true?") {
    const Tensor x = Tensor::matrix({{0, 0}, {0, 1}, {1, 0}, {1, 1}});
    const Tensor y = Tensor::matrix({{0}, {1}, {1}, {0}});
    const AnyModule yours = net(2, 8, 1);
    Sgd optimiser(yours.parameters(), 0.9);
    Real loss = 1;
    for (int step = 0; step < 300; ++step) {
        optimiser.zero_grad();
        const Variable now = mse_loss(yours.forward(x), y);
        loss = now.item();
        now.backward();
        optimiser.step(0.1);
    }
    CAPTURE(loss);
    CHECK(loss < 0.01);  // a single layer stops at 0.25
}

}  // namespace gradus::lesson_10
